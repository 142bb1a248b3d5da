import IMAP
import Testing
import Wire

@Suite struct ResponseTests {
    @Test func `reads the envelope and body of RFC 9051`() throws {
        let message = try #require(try Transcript("rfc9051").messages.first)
        #expect(message.sequence == 12)
        #expect(message.flags == [.seen])
        #expect(message.internalDate == 837_596_665_000)
        #expect(message.size == 4_286)
        let envelope = try #require(message.envelope)
        #expect(envelope.subject == "IMAP4rev2 WG mtg summary and minutes")
        #expect(envelope.sender == [EnvelopeAddress(name: "Terry Gray", mailbox: "gray", host: "cac.washington.edu")])
        #expect(envelope.cc.map(\.mailbox) == ["minutes", "KLENSIN"])
        #expect(envelope.messageID == "<B27397-0100000@cac.washington.edu>")
        guard case .single(let part) = message.bodyStructure else {
            Issue.record("not a single part")
            return
        }
        #expect(part.type == "TEXT" && part.subtype == "PLAIN" && part.size == 3_028 && part.lines == 92)
        #expect(part.parameters == [BodyParameter(name: "CHARSET", value: "US-ASCII")])
    }

    @Test func `reads a literal header`() throws {
        let message = try Transcript("rfc9051").messages[1]
        let header = try #require(message.sections.first)
        #expect(header.section == .header)
        #expect(header.bytes?.count == 342)
        #expect(header.bytes?.suffix(4) == [13, 10, 13, 10])
    }

    @Test func `reads Dovecot's nested structure`() throws {
        let message = try #require(try Transcript("dovecot").messages.first { $0.uid == 2 })
        #expect(message.flags == [.flagged, .recent, .keyword("$Forwarded")])
        #expect(message.internalDate == 1_735_689_600_000)
        let parts = try #require(message.bodyStructure).numberedParts
        #expect(parts.map(\.section) == [[1, 1], [1, 2], [2], [3], [3, 1]])
        #expect(parts.map(\.part.subtype) == ["plain", "html", "pdf", "rfc822", "plain"])
        #expect(parts[1].part.extension.languages == ["ja", "en"])
        let pdf = parts[2].part
        #expect(pdf.id == "<pdf@example.jp>")
        #expect(pdf.extension.disposition?.kind == "attachment")
        #expect(pdf.extension.disposition?.parameters.first == BodyParameter(name: "filename", value: "a \"b\".pdf"))
        #expect(pdf.md5 == "Q2hlY2sgSW50ZWdyaXR5IQ==")
        #expect(parts[3].part.message?.envelope.from.first?.name == "Terry Gray")
        #expect(message.problems.isEmpty)
    }

    @Test func `reads Dovecot's sections, binary, preview and save date`() throws {
        let messages = try Transcript("dovecot").messages.filter { $0.uid == 2 && $0.envelope == nil }
        let sections = try #require(messages.first).sections
        #expect(
            sections.map(\.section) == [
                Section(part: [1, 2]), Section(.headerFields(["subject", "from"])), .message, Section(part: [9]),
            ])
        #expect(sections[0].bytes == Array("<p>html</p>".utf8))
        #expect(sections[2].origin == 0)
        #expect(sections[2].bytes?.count == 20)
        #expect(messages.first?.modificationSequence == 6)
        let binary = try #require(messages.dropFirst().first)
        #expect(
            binary.sections.first
                == FetchedSection(
                    section: Section(part: [2]), isBinary: true, data: .bytes(Array("abc".utf8))))
        #expect(binary.extras?.preview == "plain")
        #expect(binary.extras?.saveDate != nil)
    }

    @Test func `keeps raw octets of unencoded headers visible as a quirk`() throws {
        let message = try #require(try Transcript("dovecot").messages.first { $0.uid == 3 })
        #expect(message.quirks.contains(.notUTF8))
        #expect(message.envelope?.subject?.hasSuffix(#""quoted" \ back"#) == true)
        let group = try #require(message.envelope?.to)
        #expect(group.first == EnvelopeAddress(name: nil, mailbox: "a group", host: nil))
        #expect(group.last == EnvelopeAddress(name: nil, mailbox: nil, host: nil))
        #expect(group.count == 4)
    }

    @Test func `reads Gmail's extensions and its multiparts without parts`() throws {
        let messages = try Transcript("gmail").messages
        let first = try #require(messages.first)
        #expect(first.extras?.gmailThreadID == 1_563_190_496_481_790_748)
        #expect(first.extras?.gmailMessageID == 1_563_491_715_126_921_418)
        #expect(first.extras?.gmailLabels == [#"\Sent"#, "Important", "Entw\u{FC}rfe"])
        #expect(first.quirks.contains(.emptyMultipart))
        #expect(first.bodyStructure?.numberedParts.map(\.section) == [[1, 1], [1, 2]])
        let report = try #require(messages.last?.bodyStructure?.numberedParts.last)
        #expect(report.section == [3])
        #expect(report.part.message?.envelope.subject == "Re: MPG")
        #expect(report.part.lines == 51)
        #expect(messages.allSatisfy { $0.problems.isEmpty })
    }

    @Test func `reads Exchange's bare dispositions and spaced addresses`() throws {
        let message = try #require(try Transcript("exchange").messages.first)
        #expect(message.problems.isEmpty)
        #expect(message.quirks.contains(.bareDisposition))
        #expect(message.envelope?.to.count == 2)
        #expect(message.bodyStructure?.numberedParts.first?.part.extension.disposition?.kind == "inline")
    }

    @Test func `lives with odd servers, message by message`() throws {
        let messages = try Transcript("odd").messages
        func message(_ uid: UInt32) throws -> FetchedMessage { try #require(messages.first { $0.uid == uid }) }
        #expect(try message(11).quirks.contains(.emptyAddressList))
        #expect(try message(11).envelope?.messageID == "<msg-id-2>")
        #expect(try message(12).envelope?.to.first?.name == "K")
        #expect(try message(13).quirks.contains(.missingLineCount))
        #expect(try message(13).bodyStructure?.numberedParts.first?.part.size == 1_234)
        #expect(try message(14).quirks.contains(.emptyMultipart))
        #expect(try message(14).problems.isEmpty)
        #expect(try message(3342).quirks.contains(.strayList))
        #expect(try message(3342).bodyStructure?.numberedParts.count == 1)
        let broken = try message(3001)
        #expect(broken.flags == [.seen])
        #expect(broken.envelope == nil)
        #expect(broken.problems.first?.item == "FETCH" || broken.problems.first?.item == "ENVELOPE")
        #expect(try message(16).problems.isEmpty)
        #expect(try message(17).flags?.contains(.keyword("$Label[1]")) == true)
        #expect(try message(17).size == nil)
        #expect(try message(17).internalDate == 1_583_392_089_000)
        #expect(messages.first { $0.sequence == 8 }?.problems.first?.item == "FETCH")
    }

    @Test func `keeps what it does not know`() throws {
        let responses = try Transcript("odd").responses
        #expect(responses.contains(.untagged(.unknown(Array("XNEWS (\"something\" (new {3}\r\na)b))".utf8)))))
        #expect(
            responses.contains(
                .untagged(
                    .condition(
                        .ok,
                        ResponseText(code: .other(name: "UNKNOWN-CODE", value: "with value"), text: "text with {99}"))))
        )
        #expect(
            responses.contains(
                .untagged(
                    .condition(
                        .ok, ResponseText(code: .other(name: "HIGHESTMODSEQ", value: "nan"), text: "broken code value"))
                )))
        #expect(
            responses.contains { response in
                if case .untagged(.condition(.no, let text)) = response { text.code == .alert } else { false }
            })
    }

    @Test func `reads lists, status, namespaces and searches`() throws {
        let responses = try Transcript("rfc9051").responses
        var lists: [MailboxListing] = []
        for case .untagged(.list(let listing)) in responses { lists.append(listing) }
        #expect(lists.map(\.name.text) == ["INBOX", "INBOX", "baz", ""])
        #expect(lists[2].extended.map(\.tag) == ["CHILDINFO", "OLDNAME"])
        #expect(!lists[3].isSelectable)
        var status = MailboxStatus()
        status.messages = 231
        status.uidNext = 44_292
        #expect(responses.contains(.untagged(.status(MailboxName("blurdybloop"), status))))
        for case .untagged(.namespace(let namespaces)) in responses {
            #expect(namespaces.personal.map(\.prefix.text) == ["", "#mh/"])
            #expect(namespaces.shared.map(\.delimiter) == ["/", "/"])
        }
        for case .untagged(.search(let result)) in responses {
            #expect(result.tag == "A8" && result.minimum == 2 && result.count == 3)
        }
        #expect(responses.contains(.untagged(.vanished(earlier: false, UIDSet(43...44)))))
        #expect(responses.contains(.untagged(.id(["name": "Cyrus", "version": "1.5", "os": "sunos"]))))
    }

    @Test func `reads the codes of RFC 5530 and friends`() throws {
        let copied = CopiedUIDs(validity: 38_505, source: [304...304, 319...320], destination: [3956...3958])
        #expect(
            try Transcript("rfc9051").responses.contains(
                .tagged(tag: "A10", condition: .ok, text: ResponseText(code: .copyUID(copied), text: "Done"))))
        #expect(copied.pairs()?.map(\.destination) == [3956, 3957, 3958])
        let expected: [(String, ResponseCode)] = [
            ("AUTHENTICATIONFAILED", .authenticationFailed), ("limit", .limit), ("OVERQUOTA", .overQuota),
            ("APPENDUID 38505 3955", .appendUID(validity: 38_505, uids: [3955...3955])),
            ("MODIFIED 7,9", .modified(NumberSet([7, 9]))), ("MAILBOXID (F2212ea87)", .mailboxID("F2212ea87")),
            ("BADCHARSET (UTF-8 \"x y\")", .badCharset(["UTF-8", "x y"])), ("BADCHARSET", .badCharset([])),
            ("HIGHESTMODSEQ 715194045007", .highestModificationSequence(715_194_045_007)),
        ]
        for (text, code) in expected {
            #expect(
                try Reading.one("A1 NO [\(text)] why\r\n")
                    == .tagged(tag: "A1", condition: .no, text: ResponseText(code: code, text: "why")))
        }
    }

    @Test func `a lying COPYUID expands to nothing`() {
        let copied = CopiedUIDs(validity: 1, source: [1...UInt32.max], destination: [1...UInt32.max])
        #expect(copied.pairs() == nil)
        #expect(CopiedUIDs(validity: 1, source: [1...2], destination: [1...3]).pairs() == nil)
    }

    @Test func `nesting has a limit and costs one item`() throws {
        for depth in [90, 10_000, 200_000] {
            let body = String(repeating: "(", count: depth) + String(repeating: ")", count: depth)
            let message = try Reading.message("* 1 FETCH (UID 5 BODYSTRUCTURE \(body) FLAGS (\\Seen))\r\n")
            #expect(message?.uid == 5)
            #expect(message?.flags == [.seen])
            #expect(message?.problems.first?.item == "BODYSTRUCTURE")
        }
        let parts = String(repeating: "(", count: 10_000) + "\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)"
        let message = try Reading.message("* 1 FETCH (UID 5 BODYSTRUCTURE \(parts))\r\n")
        #expect(message?.problems.isEmpty == false)
    }

    @Test(
        arguments: [
            ("\"17-Jul-1996 02:44:25 -0700\"", 837_596_665_000), ("\" 1-Jan-1970 00:00:00 +0000\"", 0),
            ("\"31-Dec-1969 23:59:59 +0000\"", -1_000), ("\"29-Feb-2000 12:00:00 +1400\"", 951_775_200_000),
            ("\"1-Jan-2001 00:00:00 GMT\"", 978_307_200_000), ("\"01-Jan-2001 00:00:00\"", 978_307_200_000),
        ] as [(String, Int64)])
    func `internal dates become milliseconds`(text: String, milliseconds: Int64) throws {
        #expect(try Reading.message("* 1 FETCH (INTERNALDATE \(text))\r\n")?.internalDate == milliseconds)
    }

    @Test(arguments: [
        "\"32-Jul-1996 02:44:25 -0700\"", "\"17-Foo-1996 02:44:25 -0700\"", "NIL", "\"\"", "\"17-Jul-1996",
    ])
    func `a wrong date is a problem of its message only`(text: String) throws {
        let message = try Reading.message("* 1 FETCH (UID 4 INTERNALDATE \(text) FLAGS ())\r\n")
        #expect(message?.uid == 4)
        #expect(message?.internalDate == nil)
        #expect(message?.problems.count == 1)
    }
}
