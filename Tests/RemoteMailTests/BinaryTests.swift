import MailServers
import Model
import RemoteMail
import Testing

/// Attachments that the server decodes, where it can.
@Suite(.timeLimit(.minutes(1))) struct BinaryTests {
    private typealias Rule = ScriptedServer.Rule

    private static let structure = Rule(
        "BODYSTRUCTURE",
        answer: """
            * 2 FETCH (UID 12 RFC822.SIZE 300 BODYSTRUCTURE (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)\
            ("APPLICATION" "X" NIL NIL NIL "BASE64" 8) "MIXED"))\r\n%TAG% OK done\r\n
            """)
    private static let encoded = Rule(
        "BODY.PEEK[2]", answer: "* 2 FETCH (UID 12 BODY[2] {8}\r\nSGVsbG8=)\r\n%TAG% OK done\r\n")

    private static let size = Rule(
        "BINARY.SIZE[2]", answer: "* 2 FETCH (UID 12 BINARY.SIZE[2] 5)\r\n%TAG% OK done\r\n")

    private func read(
        _ rules: [Rule], capabilities: String = "BINARY", needsSize: Bool = false, range: Range<Int>? = nil
    ) async throws -> (content: MessageContent, octets: [UInt8], fetches: [String]) {
        let mailbox = try await ScriptedMailbox(messages: 3, capabilities: capabilities, [Self.structure] + rules)
        let id = try await mailbox.id(uid: 12)
        let content = try await mailbox.service.attachment(
            PartID(rawValue: "2"), of: id, of: mailbox.account, needsSize: needsSize, deadline: mailbox.deadline)
        let octets = Octets()
        try await content.stream(range) { await octets.add($0) }
        let fetches = mailbox.fetches
        await mailbox.close()
        return (content, await octets.all, fetches)
    }

    @Test func `come whole as they are stored, though the server has BINARY`() async throws {
        let (content, octets, fetches) = try await read([Self.encoded])
        #expect(octets == Array("Hello".utf8) && content.size == nil && content.acceptsRanges)
        #expect(fetches.count == 2)
    }

    @Test func `have a size and ranges where these are asked for`() async throws {
        let (content, octets, _) = try await read(
            [
                Self.size,
                Rule("BINARY.PEEK[2]<1.3>", answer: "* 2 FETCH (UID 12 BINARY[2]<1> ~{3}\r\nell)\r\n%TAG% OK done\r\n"),
            ], needsSize: true, range: 1..<4)
        #expect(octets == Array("ell".utf8) && content.size == 5)
    }

    @Test(arguments: ["%TAG% NO [UNKNOWN-CTE] cannot\r\n", "* 2 FETCH (UID 12 BINARY[2] NIL)\r\n%TAG% OK done\r\n"])
    func `are decoded here where the server cannot`(answer: String) async throws {
        let (_, octets, fetches) = try await read(
            [Self.size, Rule("BINARY.PEEK", answer: answer), Self.encoded], needsSize: true)
        #expect(octets == Array("Hello".utf8) && fetches.count == 4)
        let size = try await read(
            [Rule("BINARY", answer: "%TAG% NO [UNKNOWN-CTE] cannot\r\n"), Self.encoded], needsSize: true)
        #expect(size.octets == octets && size.content.size == nil && !size.content.acceptsRanges)
    }

    @Test func `are decoded here without BINARY`() async throws {
        let (content, octets, fetches) = try await read([Self.encoded], capabilities: "")
        #expect(octets == Array("Hello".utf8) && !content.acceptsRanges && fetches.count == 2)
    }
}
