import IMAP
import Testing

@Suite struct CodecTests {
    @Test(arguments: [
        ("INBOX", "INBOX"), ("inbox", "INBOX"), ("Entw\u{FC}rfe", "Entw&APw-rfe"), ("a & b", "a &- b"),
        ("~peter/mail/\u{53F0}\u{5317}/\u{65E5}\u{672C}\u{8A9E}", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("\u{1F600}", "&2D3eAA-"), ("tab\there", "tab&AAk-here"), ("", ""),
    ])
    func `mailbox names go both ways`(text: String, wire: String) {
        #expect(MailboxName(text).wire == Array(wire.utf8))
        #expect(MailboxName(wire: Array(wire.utf8)).text == (wire == "INBOX" ? "INBOX" : text))
    }

    @Test(arguments: ["&", "&AOQ", "&A-", "&AOR-", "&2D0-", "a & b", "&%%-"])
    func `broken modified UTF-7 stands as it was sent`(wire: String) {
        #expect(MailboxName(wire: Array(wire.utf8)).text == wire)
        #expect(MailboxName(wire: Array(wire.utf8)).wire == Array(wire.utf8))
    }

    @Test func `names in UTF-8 are left alone`() {
        #expect(MailboxName("Entw\u{FC}rfe & co", encoding: .utf8).wire == Array("Entw\u{FC}rfe & co".utf8))
        #expect(MailboxName(wire: Array("Entw\u{FC}rfe".utf8)).text == "Entw\u{FC}rfe")
    }

    @Test func `sets merge, sort and print`() {
        #expect(NumberSet([5, 1, 2, 3, 9, 3]).description == "1:3,5,9")
        #expect(NumberSet.from(7).description == "7:*")
        #expect(NumberSet.all.description == "1:*")
        var set = NumberSet(10...20)
        set.insert(5...9)
        set.insert(30)
        #expect(set.description == "5:20,30")
        #expect(set.count == 17)
        #expect(set.contains(5) && set.contains(30) && !set.contains(21) && !set.contains(4))
        #expect(set.intersects(NumberSet(20...29)) && !set.intersects(NumberSet(21...29)))
        #expect(NumberSet(1...UInt32.max).contains(UInt32.max))
    }

    @Test func `sets split into pieces that hold everything once`() {
        let set = NumberSet(ranges: [1...10, 20...20, 30...41])
        let pieces = set.chunked(size: 4)
        #expect(pieces.allSatisfy { $0.count <= 4 })
        #expect(pieces.flatMap { Array($0.numbers) } == Array(set.numbers))
        #expect(NumberSet(4_294_967_290...UInt32.max).chunked(size: 4).map(\.count) == [4, 2])
    }

    @Test(arguments: [-719_468, -1, 0, 59, 365, 11_016, 20_000, 2_932_896])
    func `days go both ways`(days: Int) {
        #expect(CalendarDay(daysSinceEpoch: days).daysSinceEpoch == days)
    }

    @Test func `days and times are printed as IMAP wants them`() {
        #expect(CalendarDay(epochMilliseconds: 837_596_665_000).text == "17-Jul-1996")
        #expect(CalendarDay.dateTime(epochMilliseconds: 837_596_665_999) == "\"17-Jul-1996 09:44:25 +0000\"")
        #expect(CalendarDay.dateTime(epochMilliseconds: -1) == "\"31-Dec-1969 23:59:59 +0000\"")
    }

    @Test func `rev2 contains what it folded in`() {
        let rev2 = CapabilitySet([Capability("imap4rev2"), Capability("AUTH=SCRAM-SHA-256"), Capability("auth=plain")])
        #expect(rev2.contains(.uidPlus) && rev2.contains(.move) && !rev2.contains(.condStore))
        #expect(rev2.authenticationMechanisms == ["PLAIN", "SCRAM-SHA-256"])
    }
}
