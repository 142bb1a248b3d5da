import MIME
import Model
import Outbox
import Testing

@Suite struct DraftComposerTests {
    private let composer = DraftComposer(accountAddress: "ada@example.org", now: Timestamp(milliseconds: 0))

    private func draft(_ change: (inout SubmissionDraft) -> Void = { _ in }) -> SubmissionDraft {
        var draft = SubmissionDraft()
        draft.to = [Correspondent(name: "Bob", email: "bob@example.net")]
        draft.subject = "Hello"
        draft.text = "Hi"
        change(&draft)
        return draft
    }

    private func pointers(_ draft: SubmissionDraft) -> [String] {
        do {
            _ = try composer.compose(draft)
            return []
        } catch let OutboxError.invalid(faults) {
            return faults.map(\.pointer)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a kept draft may lack everything, and holds its Bcc until it is sent`() throws {
        let empty = try composer.composeStored(SubmissionDraft())
        #expect(String(decoding: empty, as: UTF8.self).contains("From: ada@example.org\r\n"))
        var draft = SubmissionDraft()
        draft.bcc = [Correspondent(name: "Jörg", email: "joerg@example.test")]
        draft.text = "Hello."
        let kept = try composer.composeStored(draft)
        let bcc = ParsedMessage(parsing: kept).headers.bcc
        #expect(bcc.map(\.email) == ["joerg@example.test"] && bcc.first?.name == "Jörg")
        let sent = try RawMessage(accountAddress: "ada@example.org", now: Timestamp(milliseconds: 0))
            .prepare(kept, envelope: nil)
        #expect(sent.recipients == ["joerg@example.test"])
        #expect(!String(decoding: sent.bytes, as: UTF8.self).contains("joerg"))
        let direct = try composer.compose(draft)
        #expect(!String(decoding: direct.bytes, as: UTF8.self).contains("joerg"))
    }

    @Test func `names each recipient once, and never writes Bcc`() throws {
        let message = try composer.compose(
            draft {
                $0.cc = [Correspondent(email: "bob@example.net"), Correspondent(email: "eve@example.net")]
                $0.bcc = [Correspondent(email: "secret@example.net")]
            })
        #expect(message.recipients == ["bob@example.net", "eve@example.net", "secret@example.net"])
        #expect(message.mailFrom == "ada@example.org")
        let parsed = ParsedMessage(parsing: message.bytes)
        #expect(parsed.headers.first("Bcc") == nil)
        #expect(!String(decoding: message.bytes, as: UTF8.self).contains("secret@"))
        #expect(parsed.headers.messageID == message.messageID)
    }

    @Test func `an answer names what it answers`() throws {
        let message = try composer.compose(
            draft {
                $0.headers = [
                    (name: "In-Reply-To", value: "<1@x.test>"), (name: "References", value: "<0@x.test> <1@x.test>"),
                    (name: "X-Campaign", value: "spring"),
                ]
            })
        let headers = ParsedMessage(parsing: message.bytes).headers
        #expect(headers.inReplyTo == ["1@x.test"])
        #expect(headers.references == ["0@x.test", "1@x.test"])
        #expect(headers.text("X-Campaign") == "spring")
    }

    @Test(arguments: ["\r\nBcc: x@y.z", "a\nb", "a\u{0}b", "a\rb"])
    func `a line break anywhere is refused where it stands`(poison: String) {
        #expect(pointers(draft { $0.subject = poison }) == ["/subject"])
        #expect(pointers(draft { $0.to[0].name = poison }) == ["/to/0/name"])
        #expect(pointers(draft { $0.to[0].email = "b" + poison + "@x.test" }) == ["/to/0/email"])
        #expect(pointers(draft { $0.from = Correspondent(name: poison, email: "a@x.test") }) == ["/from/name"])
        #expect(
            pointers(draft { $0.headers = [(name: "X-A", value: "1"), (name: "X-B", value: poison)] }) == [
                "/headers/1/value"
            ])
        #expect(pointers(draft { $0.headers = [(name: "X" + poison, value: "1")] }) == ["/headers/0/name"])
        #expect(
            pointers(draft { $0.headers = [(name: "References", value: "<a@b>" + poison)] }) == ["/headers/0/value"])
        #expect(
            pointers(draft { $0.attachments = [SubmissionAttachment(name: poison, type: nil, content: [1])] })
                == ["/attachments/0/name"])
    }

    @Test func `faults point at the caller's own members`() {
        #expect(pointers(draft { $0.to = [] }) == ["/to"])
        #expect(pointers(draft { $0.text = nil }) == ["/text"])
        #expect(pointers(draft { $0.to.append(Correspondent(email: "nobody")) }) == ["/to/1/email"])
        #expect(pointers(draft { $0.cc = [Correspondent(email: "")] }) == ["/cc/0/email"])
        #expect(pointers(draft { $0.headers = [(name: "Subject", value: "twice")] }) == ["/headers/0/name"])
        #expect(
            pointers(draft { $0.envelope = SubmissionEnvelope(mailFrom: "x", rcptTo: ["ok@x.test", "bad"]) })
                == ["/envelope/mailFrom", "/envelope/rcptTo/1"])
        #expect(pointers(draft { $0.envelope = SubmissionEnvelope(rcptTo: []) }) == ["/envelope/rcptTo"])
        let inline = SubmissionAttachment(name: "a.png", type: "image/png", content: [1], contentID: "a@x")
        let bad = SubmissionAttachment(name: "b", type: "no type", content: [1])
        #expect(
            pointers(
                draft {
                    $0.html = "<img src=cid:a@x>"
                    $0.attachments = [inline, bad]
                }) == ["/attachments/1/type"])
    }

    @Test func `a raw message is left as it is but for Bcc and what RFC 5322 demands`() throws {
        let raw = "From: a@x.test\r\nBcc: c@x.test\r\nTo: b@x.test\r\nSubject: s\r\n\r\nbody  \r\n"
        let message = try RawMessage(accountAddress: "a@x.test", now: Timestamp(milliseconds: 0)).prepare(
            Array(raw.utf8), envelope: nil)
        #expect(message.recipients == ["b@x.test", "c@x.test"])
        let text = String(decoding: message.bytes, as: UTF8.self)
        #expect(text.hasSuffix("From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\n\r\nbody  \r\n"))
        #expect(text.contains("\r\nMessage-ID: <") || text.hasPrefix("Message-ID: <"))
        #expect(text.contains("Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n") || text.contains("Date: Thu, 01 Jan 1970"))
    }
}
