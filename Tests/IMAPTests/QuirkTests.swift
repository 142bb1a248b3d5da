import IMAP
import SASL
import Testing
import Wire

/// Each deviation that has a name is met in the transcript of a server that has it; README.md has the same table.
@Suite struct QuirkTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let quirk: Quirks
        let transcript: String

        init(_ name: String, _ quirk: Quirks, _ transcript: String) {
            self.name = name
            self.quirk = quirk
            self.transcript = transcript
        }

        var testDescription: String { name }
    }

    static let table = [
        Row("extraSpaces", .extraSpaces, "exchange"), Row("missingSpace", .missingSpace, "odd"),
        Row("notUTF8", .notUTF8, "coremail"), Row("unexpectedNIL", .unexpectedNIL, "davmail"),
        Row("missingLineCount", .missingLineCount, "davmail"),
        Row("missingEmbeddedMessage", .missingEmbeddedMessage, "davmail"),
        Row("emptyMultipart", .emptyMultipart, "gmail"), Row("emptyAddressList", .emptyAddressList, "lark"),
        Row("bareAtom", .bareAtom, "odd"), Row("badNumber", .badNumber, "mailru"), Row("looseDate", .looseDate, "odd"),
        Row("bareLineFeed", .bareLineFeed, "odd"), Row("shortList", .shortList, "bluemind"),
        Row("leadingNUL", .leadingNUL, "odd"), Row("barePlus", .barePlus, "odd"), Row("badEscape", .badEscape, "odd"),
        Row("bareDisposition", .bareDisposition, "exchange"), Row("strayList", .strayList, "odd"),
        Row("bareUnavailable", .bareUnavailable, "exchange"), Row("unescapedQuote", .unescapedQuote, "coremail"),
        Row("wideUIDValidity", .wideUIDValidity, "odd"), Row("specialsInAtom", .specialsInAtom, "odd"),
    ]

    @Test(arguments: table) func `is met and lived with`(row: Row) throws {
        #expect(try Reading.quirks(Transcript(row.transcript).server).contains(row.quirk))
    }

    @Test func `has a row for each name`() {
        let all = Self.table.reduce(into: Quirks()) { $0.formUnion($1.quirk) }
        #expect(all.rawValue == 1 << 22 - 1)
        #expect(Self.table.count == all.rawValue.nonzeroBitCount)
    }

    @Test func `what a server does well is no deviation`() throws {
        let quirks = try Reading.quirks(Transcript("rfc9051").server)
        // The RFC folds its example between two addresses.
        #expect(quirks == .extraSpaces, "\(quirks.rawValue)")
        #expect(try Reading.quirks(Transcript("icloud").server) == [])
    }

    @Test func `Coremail's unescaped quotation marks and raw file names are read`() throws {
        let message = try #require(try Transcript("coremail").messages.first)
        #expect(message.problems.isEmpty)
        let parts = try #require(message.bodyStructure).numberedParts.map(\.part)
        #expect(parts.map(\.description) == [nil, "\"\"", "\"quoted\".pdf"])
        #expect(parts.map(\.encoding) == ["quoted-printable", "base64", "base64"])
        #expect(parts.map(\.size) == [1_224, 65_322, 77])
        #expect(parts[2].parameters.first?.value.hasSuffix(" 7.pdf") == true)
    }

    @Test func `Mail.ru's floating numbers are numbers`() throws {
        let message = try #require(try Transcript("mailru").messages.first)
        #expect(message.problems.isEmpty)
        let parts = try #require(message.bodyStructure).numberedParts.map(\.part)
        #expect(parts.map(\.size) == [1_721, 31_289, 9_373_600])
        #expect(parts[2].extension.disposition?.kind == "attachment")
        #expect(message.envelope?.replyTo == [])
        for (text, size) in [("1.5e3", 1_500), ("1e400", nil), ("7.", 7), ("1e", nil)] as [(String, UInt64?)] {
            let message = try Reading.message("* 1 FETCH (RFC822.SIZE \(text) UID 5)\r\n")
            #expect(message?.size == size && message?.uid == 5, "\(text)")
        }
    }

    @Test func `lists that end early and NIL at the wrong place cost nothing else`() throws {
        let short = try Transcript("bluemind").messages
        #expect(short.allSatisfy { $0.problems.isEmpty && $0.flags != nil })
        #expect(short[0].envelope?.to.first?.mailbox == "b")
        #expect(short[1].bodyStructure?.numberedParts.map(\.part.subtype) == ["plain", "html"])
        #expect(short[2].bodyStructure?.numberedParts.first?.part.size == nil)
        #expect(short[3].envelope?.from == [EnvelopeAddress(name: "A", mailbox: "a", host: nil)])
        let empty = try Transcript("davmail").messages
        #expect(empty.allSatisfy { $0.problems.isEmpty && $0.flags == [] })
        #expect(empty[0].bodyStructure?.numberedParts.map(\.part.type) == ["text", "message"])
        #expect(empty[1].bodyStructure?.numberedParts.first?.part.size == 2_048)
    }

    @Test func `an ENVELOPE without addresses is one, with the header beside it`() throws {
        let messages = try Transcript("lark").messages
        #expect(messages.allSatisfy { $0.problems.isEmpty })
        #expect(messages.map(\.envelope?.from) == [[], []])
        #expect(messages.map(\.envelope?.messageID) == ["<1@lark.example>", "<2@lark.example>"])
        #expect(messages[0].sections.first?.bytes?.starts(with: "From: Wei".utf8) == true)
    }

    @Test func `a bare line feed in a subject forges no response`() throws {
        let messages = try Transcript("odd").messages
        #expect(!messages.contains { $0.sequence == 12 })
        #expect(messages.first { $0.uid == 21 }?.envelope?.subject?.contains("FETCH") == true)
    }

    @Test func `keywords and dates are taken as they are`() throws {
        let messages = try Transcript("odd").messages
        #expect(messages.first { $0.uid == 23 }?.flags == [.keyword("<b>"), .keyword("%")])
        #expect(messages.first { $0.uid == 17 }?.flags?.contains(.keyword("$Label[1]")) == true)
    }

    @Test func `a UIDVALIDITY of 64 bits is the same wherever it is said, and another one when it changes`() throws {
        func validity(_ text: String) throws -> UInt32? {
            guard case .condition(_, let said)? = try Reading.untagged("* OK [UIDVALIDITY \(text)] x\r\n"),
                case .uidValidity(let value) = said.code
            else { return nil }
            return value
        }
        let folded = try #require(try validity("1700000000123"))
        #expect(try validity("1700000000124") != folded)
        #expect(try validity("18446744069414584320") != 0)
        #expect(try validity("7") == 7)
        #expect(try validity("99999999999999999999") == nil)
        for case .untagged(.status(let name, let status)) in try Transcript("odd").responses where name.text == "Wide" {
            #expect(status.uidValidity == folded)
        }
    }

    @Test func `Exchange's last words are a BYE, in a session and as its greeting`() throws {
        let expected = ResponseText(code: .unavailable, text: "Server Unavailable. 15")
        #expect(try Transcript("exchange").responses.last == .untagged(.condition(.bye, expected)))
        var session = IMAPSession()
        let greeting = try #require(try Reading.one("Server Unavailable. 15\r\n"))
        #expect(throws: IMAPError.bye(expected)) { try session.receive(greeting) }
        let scripted = try Scripted.selected()
        let pending = scripted.submit(NoopCommand())
        try scripted.receive("Server Unavailable. 15")
        #expect(pending.error == .bye(expected))
    }

    @Test func `Microsoft says how long to stay away`() throws {
        let texts = try Transcript("exchange").responses.compactMap { response in
            if case .tagged("A10", _, let text) = response { text } else { nil }
        }
        #expect(texts.first?.backOff == .milliseconds(89_117))
        let sayings: [(String, Duration?)] = [
            ("Request is throttled. Suggested Backoff Time: 0 milliseconds.", .zero),
            ("Suggested Backoff Time: 99999999 milliseconds", .seconds(300)),
            ("Suggested Backoff Time: -5 milliseconds", nil), ("Backoff in 99999999999999999999 milliseconds", nil),
            ("took 12 milliseconds", nil), ("milliseconds", nil), ("", nil),
        ]
        for (saying, pause) in sayings { #expect(ResponseText(text: saying).backOff == pause, "\(saying)") }
    }

    @Test func `prompts with a trailing NUL are prompts`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] hi")
        let mechanism = LOGIN(username: "user", password: Secret("pass"))
        let login = scripted.submit(try AuthenticateCommand(mechanism, capabilities: scripted.session.capabilities))
        #expect(scripted.sent == "A1 AUTHENTICATE LOGIN\r\n")
        try scripted.receive("+ VXNlciBOYW1lAA==")
        #expect(scripted.sent == "dXNlcg==\r\n")
        try scripted.receive("+ UGFzc3dvcmQA")
        #expect(scripted.sent == "cGFzcw==\r\n")
        try scripted.receive("A1 OK AUTHENTICATE completed.")
        try login.value
    }
}
