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

    @Test func `a kept draft may lack everything, and holds its Bcc until it is sent`() async throws {
        let empty = try await composer.composeStored(SubmissionDraft()).bytes()
        #expect(String(decoding: empty, as: UTF8.self).contains("From: ada@example.org\r\n"))
        var draft = SubmissionDraft()
        draft.bcc = [Correspondent(name: "Jörg", email: "joerg@example.test")]
        draft.text = "Hello."
        let kept = try await composer.composeStored(draft).bytes()
        let bcc = ParsedMessage(parsing: kept).headers.bcc
        #expect(bcc.map(\.email) == ["joerg@example.test"] && bcc.first?.name == "Jörg")
        let sent = try await RawMessage(accountAddress: "ada@example.org", now: Timestamp(milliseconds: 0))
            .prepare(ContentFile(kept), envelope: nil, isDraft: true)
        #expect(sent.recipients == ["joerg@example.test"])
        #expect(!String(decoding: try await sent.bytes(), as: UTF8.self).contains("joerg"))
        let direct = try composer.compose(draft)
        #expect(!String(decoding: try await direct.bytes(), as: UTF8.self).contains("joerg"))
    }

    @Test func `names each recipient once, and never writes Bcc`() async throws {
        let message = try composer.compose(
            draft {
                $0.cc = [Correspondent(email: "bob@example.net"), Correspondent(email: "eve@example.net")]
                $0.bcc = [Correspondent(email: "secret@example.net")]
            })
        #expect(message.recipients == ["bob@example.net", "eve@example.net", "secret@example.net"])
        #expect(message.mailFrom == "ada@example.org")
        let parsed = ParsedMessage(parsing: try await message.bytes())
        #expect(parsed.headers.first("Bcc") == nil)
        #expect(!String(decoding: try await message.bytes(), as: UTF8.self).contains("secret@"))
        #expect(parsed.headers.messageID == message.messageID)
    }

    @Test func `an answer names what it answers`() async throws {
        let message = try composer.compose(
            draft {
                $0.headers = [
                    (name: "In-Reply-To", value: "<1@x.test>"), (name: "References", value: "<0@x.test> <1@x.test>"),
                    (name: "X-Campaign", value: "spring"),
                ]
            })
        let headers = ParsedMessage(parsing: try await message.bytes()).headers
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

    @Test func `a raw message is left as it is but for Bcc and what RFC 5322 demands`() async throws {
        let raw = "From: a@x.test\r\nBcc: c@x.test\r\nTo: b@x.test\r\nSubject: s\r\n\r\nbody  \r\n"
        let message = try await RawMessage(accountAddress: "a@x.test", now: Timestamp(milliseconds: 0)).prepare(
            ContentFile(Array(raw.utf8)), envelope: nil)
        #expect(message.recipients == ["b@x.test", "c@x.test"])
        let text = String(decoding: try await message.bytes(), as: UTF8.self)
        #expect(text.hasSuffix("From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\n\r\nbody  \r\n"))
        #expect(text.contains("\r\nMessage-ID: <") || text.hasPrefix("Message-ID: <"))
        #expect(text.contains("Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n") || text.contains("Date: Thu, 01 Jan 1970"))
    }

    @Test(arguments: [
        ("body\rnext\r\n", "line 4 holds a carriage return"), ("a\u{0}b\r\n", "line 4 holds a NUL"),
        (String(repeating: "x", count: 999) + "\r\n", "line 4 is longer than 998"), ("ends\r", "line 4 holds"),
    ])
    func `a raw message that no mail server may be given is refused`(body: String, detail: String) async throws {
        let raw = Array(("From: a@x.test\r\nTo: b@x.test\r\n\r\n" + body).utf8)
        let composer = RawMessage(accountAddress: "a@x.test", now: Timestamp(milliseconds: 0))
        do {
            _ = try await composer.prepare(ContentFile(raw), envelope: nil)
            Issue.record("taken")
        } catch OutboxError.invalid(let faults) {
            #expect(faults.map(\.pointer) == [""])
            #expect(faults.first?.detail.hasPrefix(detail) == true, "\(faults)")
        }
    }

    @Test func `line feeds alone become line ends, and the rest stays to the octet, however it is read`() async throws {
        let raw = Array("From: a@x.test\nTo: b@x.test\nMessage-ID: <1@x>\nDate: x\n\nbody\n\nend".utf8)
        let expected = "From: a@x.test\r\nTo: b@x.test\r\nMessage-ID: <1@x>\r\nDate: x\r\n\r\nbody\r\n\r\nend"
        for step in [1, 2, 7, 4096] {
            let file = ContentFile(size: raw.count) { offset, count in
                Array(raw[min(offset, raw.count)..<min(offset + min(count, step), raw.count)])
            }
            let message = try await RawMessage(accountAddress: "a@x.test", now: Timestamp(milliseconds: 0))
                .prepare(file, envelope: nil)
            #expect(String(decoding: try await message.bytes(), as: UTF8.self) == expected)
        }
    }

    @Test func `an attachment from elsewhere is streamed, and one that is gone is told by its place`() async throws {
        var draft = draft()
        let stored = SubmissionAttachment.Content.stored(EmailID(rawValue: "M"), PartID(rawValue: "2"))
        draft.attachments = [
            SubmissionAttachment(name: "a.txt", type: nil, content: [0x61]),
            SubmissionAttachment(name: nil, type: nil, content: stored),
        ]
        let content = [UInt8]((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let source = ContentSource(name: "päper.txt", type: "text/plain; charset=iso-8859-1") { sink in
            for start in stride(from: 0, to: 1000, by: 70) {
                try await sink(Array(content[start..<min(start + 70, 1000)]))
            }
        }
        let bytes = try await composer.compose(draft, sources: [1: source]).bytes()
        let parsed = ParsedMessage(parsing: bytes)
        let part = try #require(parsed.parts.last)
        #expect(part.node.labelledFileName == "päper.txt")
        #expect(part.node.charset == "iso-8859-1")
        #expect(parsed.content(of: parsed.parts.count - 1) == content)
        let gone = ContentSource(name: nil, type: nil) { _ in throw StoredMailError.messageNotFound }
        await #expect(throws: OutboxError.self) {
            do {
                _ = try await composer.compose(draft, sources: [1: gone]).bytes()
            } catch OutboxError.invalid(let faults) {
                #expect(faults.map(\.pointer) == ["/attachments/1"])
                throw OutboxError.invalid(faults)
            }
        }
    }

    @Test func `leaving a list and being no person are fields`() async throws {
        let message = try composer.compose(
            draft {
                $0.unsubscribe = Unsubscribe(
                    url: "https://x.test/u?t=1", mailto: "off@x.test?subject=off", isOneClick: true)
                $0.autoSubmitted = .generated
            })
        let headers = ParsedMessage(parsing: try await message.bytes()).headers
        #expect(headers.text("List-Unsubscribe") == "<mailto:off@x.test?subject=off>, <https://x.test/u?t=1>")
        #expect(headers.text("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
        #expect(headers.text("Auto-Submitted") == "auto-generated")
        #expect(
            pointers(draft { $0.unsubscribe = Unsubscribe(url: nil, mailto: nil, isOneClick: false) }) == [
                "/unsubscribe"
            ])
        let bad = Unsubscribe(url: "http://x.test/>\r\nBcc: x", mailto: "nobody", isOneClick: true)
        #expect(pointers(draft { $0.unsubscribe = bad }) == ["/unsubscribe/url", "/unsubscribe/mailto"])
    }
}
