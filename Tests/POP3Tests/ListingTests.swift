import POP3
import Testing
import Wire

@Suite struct ListingTests {
    private func listing(_ list: String, _ ids: String, piece: Int = .max) throws -> [POP3Entry] {
        var listing = POP3Listing()
        for (text, command) in [(list, POP3Command.list), (ids, .uniqueIDs)] {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try listing.add(Array(rest.prefix(piece)), of: command)
                rest = rest.dropFirst(piece)
            }
        }
        return listing.entries
    }

    @Test func `LIST and UIDL are put together by number`() throws {
        let list = "1 120\r\n2  200 octets\r\n4 7\r\n"
        let ids = "2 QhdPYR:00WBw1Ph7x7\r\n1 whqtswO00WBw418f9t5JxYwZ extra\r\n3 orphan\r\n"
        let expected = [
            POP3Entry(number: 1, size: 120, uniqueID: "whqtswO00WBw418f9t5JxYwZ"),
            POP3Entry(number: 2, size: 200, uniqueID: "QhdPYR:00WBw1Ph7x7"), POP3Entry(number: 4, size: 7),
        ]
        for piece in 1...40 { #expect(try listing(list, ids, piece: piece) == expected, "pieces of \(piece)") }
    }

    /// Which of the two a unique id means nobody can know.
    @Test func `an id that two messages share is nobody's`() throws {
        #expect(try listing("1 1\r\n2 2\r\n3 3\r\n", "1 a\r\n2 a\r\n3 b\r\n").map(\.uniqueID) == [nil, nil, "b"])
    }

    @Test func `an id that is empty or too long is none`() throws {
        let long = String(repeating: "u", count: 256)
        #expect(try listing("1 1\r\n2 2\r\n", "1 \r\n2 \(long)\r\n").map(\.uniqueID) == [nil, nil])
    }

    @Test(arguments: ["x 1\r\n", "0 1\r\n", "1\r\n", "1 x\r\n", "99999999999999999999 1\r\n"])
    func `a line that names no message is refused`(line: String) {
        #expect(throws: POP3Error.malformedListing) { try listing(line, "") }
    }

    @Test func `an endless line is stopped`() {
        #expect(throws: POP3Error.limitExceeded("maximumListingLineOctets")) {
            try listing(String(repeating: "1", count: 2_000), "")
        }
    }
}

@Suite struct CapabilityTests {
    /// RFC 2449, 5 has most of this answer.
    @Test func `reads what servers say`() {
        let capabilities = POP3Capabilities(
            lines: [
                "TOP", "USER", "SASL CRAM-MD5 kerberos_v4", "RESP-CODES", "LOGIN-DELAY 900", "PIPELINING",
                "EXPIRE 60", "UIDL", "UTF8 USER", "LANG", "AUTH-RESP-CODE", "IMPLEMENTATION Shlemazle-Plotz-v302", "",
            ])
        #expect(capabilities.isKnown && capabilities.pipelines && capabilities.takesUTF8Credentials)
        #expect(capabilities.mechanisms == ["CRAM-MD5", "KERBEROS_V4"])
        #expect(capabilities.loginDelay == 900)
        #expect(capabilities.expiry == .days(60))
        #expect(capabilities.implementation == "Shlemazle-Plotz-v302")
        #expect(capabilities.offers("UIDL") && !capabilities.mayHave("STLS"))
        #expect(POP3Capabilities.unknown.mayHave("STLS"))
    }

    @Test(arguments: [
        ("EXPIRE NEVER", POP3Capabilities.Expiry.never), ("EXPIRE 0", .days(0)), ("EXPIRE 5 USER", .days(5)),
    ])
    func `EXPIRE says how long`(line: String, expiry: POP3Capabilities.Expiry) {
        #expect(POP3Capabilities(lines: [line]).expiry == expiry)
    }

    @Test(arguments: ["EXPIRE", "EXPIRE x", "LOGIN-DELAY x", "LOGIN-DELAY"]) func `nonsense is no value`(line: String) {
        let capabilities = POP3Capabilities(lines: [line])
        #expect(capabilities.expiry == nil)
        #expect(capabilities.loginDelay == nil)
    }
}
