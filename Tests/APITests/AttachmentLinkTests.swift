import API
import Crypto
import HTTP
import Model
import Representation
import Testing

/// Links that work without a token.
@Suite struct AttachmentLinkTests {
    private let client = Client()
    private let path = "/v1/accounts/acc_1/messages/e%2F1/attachments/2/link"

    private func url(_ body: String = "{}") async throws -> String {
        let answer = try await client.send(.post, path, token: "read", body)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["url"]?.text)
    }

    private func get(_ url: String, fields: HTTPFields = HTTPFields()) async throws -> Answer {
        try await client.send(.get, url, token: nil, fields: fields)
    }

    @Test func `open what they were made for, and nothing of it runs`() async throws {
        let answer = try await client.send(.post, path, token: "read", #"{"expiresIn":60}"#)
        #expect(answer.json["expiresAt"] == .string("2026-11-23T19:00:07.000Z"))
        let content = try await get(try #require(answer.json["url"]?.text))
        #expect(content.status == 200 && content.text == "0123456789")
        #expect(content.fields["Content-Disposition"]?.hasPrefix("attachment") == true)
        #expect(content.fields["Content-Security-Policy"]?.hasPrefix("sandbox") == true)
        #expect(content.fields["X-Content-Type-Options"] == "nosniff")
        #expect(content.fields["Referrer-Policy"] == "no-referrer")
        #expect(content.fields[.cacheControl] == "private, immutable, max-age=59")
    }

    @Test func `are bound to all that they say`() async throws {
        let url = try await url()
        let changes = [
            ("acc_1", "acc_2"), ("e%2F1", "e%2F2"), ("/2?", "/3?"), ("disposition=attachment", "disposition=inline"),
            ("expires=1", "expires=2"), ("signature=", "signature=A"), ("disposition=attachment", "disposition=x"),
            ("signature=", "signature=!"), ("expires=", "expires=-"), ("expires=", "expires=99999999999999999999"),
        ]
        for (old, new) in changes {
            let answer = try await get(url.replacing(old, with: new))
            #expect(answer.status == 403 && answer.slug == "invalid-link", "\(new): \(answer.status)")
        }
        for end in ["&signature", "&expires", "?disposition"] {
            let cut = String(try #require(url.ranges(of: end).first.map { url[..<$0.lowerBound] }))
            #expect(try await get(cut).slug == "invalid-link")
        }
        #expect(try await get(url + "&x=1").status == 422)
        #expect(client.engines.calls.filter { $0.hasPrefix("attachment") }.count == 1)
    }

    @Test func `every single octet of a signature counts`() async throws {
        let url = try await url()
        let start = try #require(url.ranges(of: "signature=").first?.upperBound)
        for index in url[start...].indices.dropLast() {
            var changed = url
            changed.replaceSubrange(index...index, with: url[index] == "A" ? "B" : "A")
            #expect(try await get(changed).slug == "invalid-link")
        }
    }

    @Test func `end when they say`() throws {
        let link = AttachmentLink(
            account: Sample.account.id, message: Sample.message.id, attachment: PartID(rawValue: "2"),
            disposition: .inline, expiresAt: Timestamp(milliseconds: 1_000_000))
        func verify(at time: Int64) throws -> AttachmentLink {
            let signer = LinkSigner(keys: { [Sample.linkKey] }, now: { Timestamp(milliseconds: time) })
            let target = try #require(HTTPRequest(.get, signer.url(of: link))?.target)
            let query = try Query(target.queryItems, allowed: ["disposition", "expires", "signature"])
            return try signer.link(account: link.account, message: link.message, attachment: link.attachment, query)
        }
        #expect(try verify(at: 999_999) == link)
        #expect(throws: Problem.self) { try verify(at: 1_000_000) }
    }

    @Test func `of another key are none of ours`() throws {
        let link = AttachmentLink(
            account: Sample.account.id, message: Sample.message.id, attachment: PartID(rawValue: "2"),
            disposition: .inline, expiresAt: Timestamp(milliseconds: .max / 2_000 * 1_000))
        let other = LinkSigner(keys: { [SymmetricKey(size: .bits256)] }).url(of: link)
        #expect(Sample.links.url(of: link) != other)
    }

    @Test func `begin with the public URL`() {
        let signer = LinkSigner(keys: { [Sample.linkKey] }, base: "https://mail.example", now: { Sample.time })
        let link = AttachmentLink(
            account: Sample.account.id, message: Sample.message.id, attachment: PartID(rawValue: "2"),
            disposition: .inline, expiresAt: Sample.time)
        #expect(signer.url(of: link).hasPrefix("https://mail.example/attachments/acc_1/e%2F1/2?disposition=inline&"))
    }

    @Test(arguments: [#"{"expiresIn":0}"#, #"{"expiresIn":604801}"#, #"{"disposition":"x"}"#, #"{"expires":1}"#, "[]"])
    func `are not made of wrong wishes`(body: String) async throws {
        #expect(try await client.send(.post, path, token: "read", body).status == 422)
    }
}
