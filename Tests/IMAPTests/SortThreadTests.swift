import IMAP
import Testing
import Wire

@Suite struct SortThreadTests {
    private static let plain = CapabilitySet([.sort, .threadReferences])

    @Test func `sorts with the charset that SORT insists on`() throws {
        #expect(
            try CommandTests.encode(SortCommand([SortCriterion(.arrival, isReversed: true)]), Self.plain)
                == "UID SORT (REVERSE ARRIVAL) UTF-8 ALL")
        #expect(
            try CommandTests.encode(
                SortCommand(
                    [SortCriterion(.displayFrom), SortCriterion(.size, isReversed: true)],
                    .and([.flag(.seen), .subject("\u{FC}")])), Self.plain)
                == "UID SORT (DISPLAYFROM REVERSE SIZE) UTF-8 SEEN SUBJECT {2}\r\n|\u{FC}")
        #expect(throws: IMAPError.unsupported(.sort)) {
            try CommandTests.encode(SortCommand([SortCriterion(.date)]), CapabilitySet())
        }
    }

    @Test(arguments: [Capability.contextSort, .partial])
    func `asks for a window where the server can cut`(capability: Capability) throws {
        let command = SortCommand([SortCriterion(.subject)], .all, window: 1...51)
        #expect(
            try CommandTests.encode(command, CapabilitySet([.sort, .esort, capability]))
                == "UID SORT RETURN (PARTIAL 1:51) (SUBJECT) UTF-8 ALL")
        #expect(try CommandTests.encode(command, CapabilitySet([.sort, .esort])) == "UID SORT (SUBJECT) UTF-8 ALL")
    }

    @Test func `threads by references, by REFS first`() throws {
        #expect(
            try CommandTests.encode(ThreadCommand(), Self.plain) == "UID THREAD REFERENCES UTF-8 ALL")
        #expect(
            try CommandTests.encode(ThreadCommand(.flag(.seen)), CapabilitySet([.threadRefs, .threadReferences]))
                == "UID THREAD REFS UTF-8 SEEN")
        #expect(throws: IMAPError.unsupported(.threadReferences)) {
            try CommandTests.encode(ThreadCommand(), CapabilitySet([Capability("THREAD=ORDEREDSUBJECT")]))
        }
    }

    static let answers: [(String, UntaggedResponse)] = [
        // The examples of RFC 5256, sections 3 and 4.
        ("* SORT 2 84 882\r\n", .sort([2, 84, 882])), ("* SORT 5 3 4 1 2\r\n", .sort([5, 3, 4, 1, 2])),
        ("* SORT\r\n", .sort([])), ("* SORT 2 1 (MODSEQ 17)\r\n", .sort([2, 1])),
        (
            "* THREAD (166)(167)(168)(169)(172)(170)(171)(173)(174 (175)(176)(178)(181)(180))\r\n",
            .thread([[166], [167], [168], [169], [172], [170], [171], [173], [174, 175, 176, 178, 181, 180]])
        ),
        ("* THREAD (2)(3 6 (4 23)(44 7 96))\r\n", .thread([[2], [3, 6, 4, 23, 44, 7, 96]])),
        ("* THREAD ((3)(5))\r\n", .thread([[3, 5]])), ("* THREAD\r\n", .thread([])),
        ("* THREAD ()(1)\r\n", .thread([[1]])),
    ]

    @Test(arguments: answers) func `answers keep their order`(line: String, expected: UntaggedResponse) {
        #expect(Self.parse(line) == .untagged(expected))
    }

    @Test(arguments: [
        "* THREAD (1 (2\r\n", "* THREAD 1\r\n", "* THREAD (1))\r\n", "* THREAD (x)\r\n", "* SORT 1 x\r\n",
        "* THREAD (4294967296)\r\n",
    ])
    func `a broken answer is malformed, not half an answer`(line: String) {
        guard case .untagged(.malformed) = Self.parse(line) else {
            Issue.record("\(line) was read")
            return
        }
    }

    @Test func `a million parentheses do not nest`() {
        let deep = String(repeating: "(", count: 1_000_000) + "7" + String(repeating: ")", count: 1_000_000)
        #expect(Self.parse("* THREAD \(deep)\r\n") == .untagged(.thread([[7]])))
    }

    @Test func `a window keeps the server's order`() {
        let parsed = Self.parse("* ESEARCH (TAG \"A1\") UID PARTIAL (1:5 9,4:6,2)\r\n")
        guard case .untagged(.search(let result)) = parsed else {
            Issue.record("\(String(describing: parsed))")
            return
        }
        #expect(result.partial == [9, 4, 5, 6, 2])
        var uids: [UInt32] = []
        let command = SortCommand([SortCriterion(.arrival)], .all, window: 1...5)
        #expect(command.collect(.search(result), into: &uids))
        #expect(uids == [9, 4, 5, 6, 2])
        guard case .untagged(.search(let none)) = Self.parse("* ESEARCH (TAG \"A1\") UID PARTIAL (9:12 NIL)\r\n") else {
            Issue.record("NIL was not read")
            return
        }
        #expect(none.partial == [])
    }

    private static func parse(_ line: String) -> IMAPResponse? {
        var parser = ResponseParser()
        let octets = Array(line.utf8)
        return parser.parse(octets.span)
    }
}
