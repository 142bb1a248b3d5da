import Model
import Representation
import Store
import Testing
import Webhooks

@Suite struct `Included content` {
    private let draft = EventDraft(
        .messageCreated, of: AccountID(rawValue: "a"),
        data: Array(#"{"id":"M1","subject":"Hi","problems":["odd"]}"#.utf8))

    private func body(_ include: Set<WebhookInclude>, _ content: @escaping WebhookContentSource) async throws
        -> JSONValue
    {
        var result = JSONValue.null
        try await DispatcherFixture.with { fixture in
            try await fixture.store.webhooks.insert(.sample(include: include))
            try await fixture.running(fixture.dispatcher(content: content)) { _ in
                try await fixture.append([draft])
                await fixture.receiver.until(1)
            }
            result = fixture.receiver.requests[0].json
        }
        return result
    }

    private var message: Message {
        var message = Message(
            id: EmailID(rawValue: "M1"), mailboxIDs: [], keywords: [], size: 1, receivedAt: Timestamp(milliseconds: 0))
        message.text = "Hello"
        message.html = "<p>Hello</p>"
        message.headers = [("Subject", "Hi")]
        message.problems = ["charset"]
        return message
    }

    @Test func `stands beside the summary`() async throws {
        let message = message
        let json = try await body([.text, .headers]) { id, account, include, _ in
            #expect(id.rawValue == "M1" && account.rawValue == "a" && include == [.text, .headers])
            return .message(message)
        }
        let data = try #require(json["data"])
        #expect(data["subject"] == .string("Hi") && data["text"] == .string("Hello") && data["html"] == nil)
        #expect(
            data["headers"]
                == .array([
                    .object([
                        .init(name: "name", value: .string("Subject")), .init(name: "value", value: .string("Hi")),
                    ])
                ]))
        #expect(data["problems"] == .array([.string("odd"), .string("charset")]))
    }

    @Test func `that is gone or cannot be read is said to be missing, and holds nothing up`() async throws {
        let gone = try await body([.text, .html]) { _, _, _, _ in .gone }
        #expect(gone["data"]?["problems"] == .array([.string("odd"), .string("message-gone")]))
        #expect(gone["data"]?["text"] == .null && gone["data"]?["html"] == .null)
        let broken = try await body([.text]) { _, _, _, _ in throw CancellationError() }
        #expect(broken["data"]?["problems"] == .array([.string("odd"), .string("content-unavailable")]))
        #expect(broken["data"]?["subject"] == .string("Hi"))
    }

    @Test func `is not asked for where nobody wants it`() async throws {
        let plain = try await body([]) { _, _, _, _ in
            Issue.record("asked for")
            return .gone
        }
        #expect(plain["data"]?["text"] == nil && plain["data"]?["problems"] == .array([.string("odd")]))
    }
}
