import MIME
import Testing

@Suite struct ComposeTests {
    static let date = MessageDate(millisecondsSinceEpoch: 1_795_461_165_000, offsetMinutes: 60)

    static func message() -> OutgoingMessage {
        var message = OutgoingMessage(from: [EmailAddress(name: "Ann Example", email: "ann@example.com")], date: date)
        message.to = [EmailAddress(name: "Bob", email: "bob@example.org")]
        message.subject = "Hello"
        message.messageID = "id@example.com"
        return message
    }

    static func bytes(_ message: OutgoingMessage) throws -> [UInt8] {
        var generator = SeededGenerator(seed: 1)
        let composed = try MessageComposer.compose(message, using: &generator)
        let bytes = try #require(composed.bytes())
        #expect(composed.size == bytes.count)
        return bytes
    }

    static func text(_ message: OutgoingMessage) throws -> String {
        String(decoding: try bytes(message), as: UTF8.self)
    }

    @Test func `writes a simple message`() throws {
        var message = Self.message()
        message.text = "Hi Bob,\nbye.\n"
        #expect(
            try Self.text(message) == """
                Date: Mon, 23 Nov 2026 20:12:45 +0100\r
                From: Ann Example <ann@example.com>\r
                To: Bob <bob@example.org>\r
                Subject: Hello\r
                Message-ID: <id@example.com>\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=us-ascii\r
                Content-Transfer-Encoding: 7bit\r
                \r
                Hi Bob,\r
                bye.\r

                """)
    }

    @Test func `nests multiparts only where they are needed`() throws {
        var message = Self.message()
        message.html = "<p>Grüße</p>"
        #expect(try Self.structure(message) == "text/html")
        message.text = "Grüße"
        #expect(try Self.structure(message) == "multipart/alternative(text/plain text/html)")
        let logo = OutgoingAttachment(
            name: "logo.png", type: "image/png", contentID: "logo", content: .bytes([1, 2, 3]))
        message.inlineAttachments = [logo]
        #expect(
            try Self.structure(message) == "multipart/alternative(text/plain multipart/related(text/html image/png))")
        message.attachments = [OutgoingAttachment(name: "a.pdf", type: "application/pdf", content: .bytes([]))]
        #expect(
            try Self.structure(message)
                == "multipart/mixed(multipart/alternative(text/plain multipart/related(text/html image/png)) application/pdf)"
        )
        message.html = nil
        #expect(try Self.structure(message) == "multipart/mixed(text/plain image/png application/pdf)")
        message.text = nil
        #expect(try Self.structure(message) == "multipart/mixed(image/png application/pdf)")
        message.attachments = []
        message.inlineAttachments = []
        #expect(try Self.structure(message) == "text/plain")
    }

    private static func structure(_ message: OutgoingMessage) throws -> String {
        func describe(_ node: PartNode) -> String {
            node.isMultipart
                ? "\(node.mediaType)(\(node.children.map(describe).joined(separator: " ")))" : node.mediaType
        }
        let parsed = ParsedMessage(parsing: try bytes(message))
        #expect(parsed.problems.isEmpty)
        return describe(parsed.root)
    }

    static let subjects: [String] = [
        "Hello", "", "Grüße aus 東京", "日本語の件名がとても長いときは、何行にも分けて書かなければなりません。文字の途中で切ってはいけません。",
        "many words that are all plain but so many that the line must be folded somewhere between two of them, twice even so",
        "ends in ü", "ü begins", "two  spaces", " leading", "trailing ", "=?utf-8?Q?fake?=", "emoji 👨‍👩‍👧‍👦🇩🇪 family",
        String(repeating: "x", count: 1_200), String(repeating: "ü", count: 700),
        "e" + String(repeating: "\u{301}", count: 90),
    ]

    @Test(arguments: subjects)
    func `brings any subject through`(subject: String) throws {
        var message = Self.message()
        message.subject = subject
        let bytes = try Self.bytes(message)
        let read = ParsedMessage(parsing: bytes).headers.subject
        let trimmed = subject.drop { $0 == " " }
        #expect(read == String(trimmed.reversed().drop { $0 == " " }.reversed()))
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
            #expect(line.utf8.count <= 78)
            #expect(line.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test(arguments: [
        "Ann Example", "O'Hara", "Doe, Jane", "a \"quoted\" \\ name", "Jörg Müller", "山田太郎", "a@b <c>", "=?x?", "(c)",
        String(repeating: "long name ", count: 30) + "end", "株式会社とても長い名前の会社の営業部の山田太郎", "dots. and more",
    ])
    func `brings any name through`(name: String) throws {
        var message = Self.message()
        message.to = [EmailAddress(name: name, email: "x@example.com"), EmailAddress(email: "y@example.com")]
        #expect(ParsedMessage(parsing: try Self.bytes(message)).headers.to == message.to)
    }

    @Test(arguments: [
        "plain.pdf", "with space.pdf", "quote\"s.pdf", "見積書（最終版）.pdf", "Grüße & Küsse; Teil=1.txt", "%41.txt",
        String(repeating: "sehr-länger-", count: 9) + ".docx", "'quotes'.txt", "no extension ü.bin",
    ])
    func `brings any file name through`(name: String) throws {
        var message = Self.message()
        message.text = "x"
        message.attachments = [OutgoingAttachment(name: name, type: "application/pdf", content: .bytes([0, 255]))]
        let parsed = ParsedMessage(parsing: try Self.bytes(message))
        let attachment = try #require(parsed.selection.attachments.first)
        #expect(attachment.fileName == name)
        #expect(try parsed.content(of: #require(parsed.index(number: attachment.number))) == [0, 255])
    }

    static let contents: [(String, String)] = [
        ("plain\n", "7bit"), ("a\r\nb\rc\n", "7bit"), ("ü\n", "quoted-printable"), ("日本語日本語日本語\n", "base64"),
        (String(repeating: "x", count: 998) + "\n", "7bit"),
        (String(repeating: "x", count: 999) + "\n", "quoted-printable"),
        ("From here\n", "quoted-printable"), ("nul \u{0}\n", "quoted-printable"),
        ("blank at end ü \n.\n..\n", "quoted-printable"),
        ("no newline", "7bit"), ("", "7bit"), ("=3D = ü=\n", "quoted-printable"), ("\ttab\u{1B}\n", "quoted-printable"),
    ]

    @Test(arguments: contents)
    func `chooses an encoding by content`(text: String, encoding: String) throws {
        var message = Self.message()
        message.text = text
        let bytes = try Self.bytes(message)
        let parsed = ParsedMessage(parsing: bytes)
        #expect(parsed.root.encoding.rawValue == encoding)
        var wanted = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\u{0}", with: "")
        if !wanted.isEmpty, !wanted.hasSuffix("\n") { wanted += "\n" }
        #expect(parsed.text(of: 0).text == wanted)
        Self.expectCleanLines(bytes)
    }

    static func expectCleanLines(_ bytes: [UInt8]) {
        var previous: UInt8 = 0
        var length = 0
        for byte in bytes {
            if (byte == 0x0A) != (previous == 0x0D) {
                Issue.record("a bare CR or LF")
                return
            }
            length = byte == 0x0A ? 0 : length + 1
            if length > 999 || byte == 0 {
                Issue.record("a line too long, or NUL")
                return
            }
            previous = byte
        }
    }

    @Test func `never writes Bcc`() throws {
        var message = Self.message()
        message.bcc = [EmailAddress(email: "secret@example.com")]
        #expect(try !Self.text(message).contains("secret"))
    }

    @Test func `refuses what would end a line, and says where`() throws {
        var bad: [(String, (inout OutgoingMessage) -> Void)] = []
        for control in ["\r", "\n", "\r\n", "\u{0}"] {
            bad += [
                ("subject", { $0.subject = "a\(control)Bcc: x@example.com" }),
                ("to/0/name", { $0.to[0].name = "a\(control)b" }),
                ("from/0/name", { $0.from[0].name = "a\(control)b" }),
                ("to/1/email", { $0.to.append(EmailAddress(email: "a\(control)@example.com")) }),
                ("headers/X-Foo", { $0.headers = [OutgoingHeader(name: "X-Foo", value: "a\(control) b")] }),
                (
                    "attachments/0/name",
                    {
                        $0.attachments = [OutgoingAttachment(name: "a\(control)b", type: "a/b", content: .bytes([]))]
                    }
                ),
            ]
        }
        for (member, change) in bad {
            var message = Self.message()
            change(&message)
            #expect(throws: ComposeError.controlCharacter(member: member)) { try Self.bytes(message) }
        }
    }

    @Test func `refuses other nonsense, and says where`() throws {
        let bad: [(ComposeError, (inout OutgoingMessage) -> Void)] = [
            (.missing(member: "from"), { $0.from = [] }),
            (.missing(member: "sender"), { $0.from.append(EmailAddress(email: "b@example.com")) }),
            (.invalidAddress(member: "cc/0/email", .missingAt), { $0.cc = [EmailAddress(email: "nobody")] }),
            (.invalidAddress(member: "bcc/0/email", .empty), { $0.bcc = [EmailAddress(email: "")] }),
            (.invalidHeaderName(member: "headers/X:Y"), { $0.headers = [OutgoingHeader(name: "X:Y", value: "")] }),
            (.invalidHeaderName(member: "headers/X?Y"), { $0.headers = [OutgoingHeader(name: "X\nY", value: "")] }),
            (.invalidHeaderName(member: "headers/"), { $0.headers = [OutgoingHeader(name: "", value: "")] }),
            (.reservedHeader(member: "headers/bcc"), { $0.headers = [OutgoingHeader(name: "bcc", value: "x")] }),
            (
                .reservedHeader(member: "headers/Content-Type"),
                { $0.headers = [OutgoingHeader(name: "Content-Type", value: "x")] }
            ),
            (.invalidMessageID(member: "messageId"), { $0.messageID = "a@b>\r\nX: y" }),
            (.invalidMessageID(member: "messageId"), { $0.messageID = "no-at" }),
            (.invalidMessageID(member: "references/1"), { $0.references = ["a@b", "c d"] }),
            (
                .invalidMediaType(member: "attachments/0/type"),
                {
                    $0.attachments = [OutgoingAttachment(name: nil, type: "multipart/mixed", content: .bytes([]))]
                }
            ),
            (
                .invalidMediaType(member: "attachments/0/type"),
                {
                    $0.attachments = [OutgoingAttachment(name: nil, type: "a/b\r\nX: y", content: .bytes([]))]
                }
            ),
            (.invalidDate(member: "date"), { $0.date.millisecondsSinceEpoch = .max }),
        ]
        for (error, change) in bad {
            var message = Self.message()
            change(&message)
            #expect(throws: error) { try Self.bytes(message) }
        }
    }

    @Test func `writes a domain in ASCII, and asks for SMTPUTF8 only for a local part`() throws {
        var message = Self.message()
        message.to = [EmailAddress(email: "info@Bücher.example")]
        var generator = SeededGenerator(seed: 1)
        var composed = try MessageComposer.compose(message, using: &generator)
        #expect(!composed.needsSMTPUTF8)
        #expect(try Self.text(message).contains("To: info@xn--bcher-kva.example\r\n"))
        message.to = [EmailAddress(name: "Jøran", email: "jøran@example.com")]
        composed = try MessageComposer.compose(message, using: &generator)
        #expect(composed.needsSMTPUTF8)
        #expect(ParsedMessage(parsing: try Self.bytes(message)).headers.to == message.to)
    }

    @Test func `makes ids and boundaries from the given numbers`() throws {
        var message = Self.message()
        message.messageID = nil
        message.text = "a"
        message.html = "b"
        let first = try Self.text(message)
        #expect(first == (try Self.text(message)))
        let parsed = ParsedMessage(parsing: Array(first.utf8))
        #expect(parsed.headers.messageID?.hasSuffix("@example.com") == true)
        let boundary = try #require(parsed.root.parameters["boundary"])
        message.text = "--\(boundary)"
        let second = ParsedMessage(parsing: try Self.bytes(message))
        #expect(second.root.parameters["boundary"] != boundary)
        #expect(second.text(of: 1).text == "--\(boundary)\n")
    }

    @Test func `carries a nested message as it is`() throws {
        var message = Self.message()
        message.text = "see below"
        let nested = Array("From: a@example.com\r\nSubject: gr\u{FC}n\r\n\r\nr\u{E4}w\r\n".utf8)
        message.attachments = [OutgoingAttachment(name: nil, type: "message/rfc822", content: .bytes(nested))]
        var generator = SeededGenerator(seed: 1)
        let composed = try MessageComposer.compose(message, using: &generator)
        #expect(composed.needs8BitMIME)
        let parsed = ParsedMessage(parsing: try #require(composed.bytes()))
        #expect(parsed.parts[2].node.fileName == "grün.eml")
        #expect(parsed.content(of: 2) == nested)
    }

    @Test func `leaves room for what is not in memory`() throws {
        var message = Self.message()
        message.text = "x"
        message.attachments = [
            OutgoingAttachment(
                name: "big.bin", type: "application/octet-stream", content: .source(key: "k", size: 100_000))
        ]
        var generator = SeededGenerator(seed: 1)
        let composed = try MessageComposer.compose(message, using: &generator)
        #expect(composed.bytes() == nil)
        var written: [UInt8] = []
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for piece in composed.pieces(maximum: 1_000) {
            switch piece {
            case .bytes(let bytes): written += bytes
            case .source(let key, let size):
                #expect(key == "k")
                var encoder = Base64LineEncoder()
                for start in stride(from: 0, to: size, by: 4_001) {
                    written += encoder.encode(Array(content[start..<min(start + 4_001, size)]))
                }
                written += encoder.finish()
            }
        }
        #expect(written.count == composed.size)
        #expect(ParsedMessage(parsing: written).content(of: 2) == content)
        message.attachments[0].content = .bytes(content)
        #expect(try Self.bytes(message) == written)
    }
}
