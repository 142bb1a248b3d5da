import SMTP
import Testing

@Suite struct SMTPPathTests {
    @Test(arguments: [
        "a@b", "Jones@foo.com", "first.last+tag@sub.example.co.uk", "a..b@docomo.ne.jp", ".a.@docomo.ne.jp",
        "\"john smith\"@example.com", "\"a\\\"b\"@example.com", "\"@\"@example.com", "o'brien@example.com",
        "x@[127.0.0.1]", "x@[IPv6:2001:db8::1]", "x@under_score.example", "SRS0=abc=de=example.org=bob@relay.example",
        "bounce+bob=example.org@list.example", "用户@例子.广告", "grün@example.com",
    ]) func `takes an address`(address: String) throws {
        #expect(try SMTPPath(address).description == "<\(address)>")
    }

    @Test(arguments: [
        "a@b>\r\nRCPT TO:<c@d", "a@b\r\nDATA", "a@b\nDATA", "a@b\rDATA", "a\u{0}@b", "a@b\u{0}", "a@b>", "<a@b",
        "<a@b>",
        "a@b> SIZE=1", "a@b NOTIFY=NEVER", "a b@c", "a@b ", " a@b", "\"a\r\nDATA\r\n\"@b", "\"a>\"@b", "a@b\t",
        "a\u{7F}@b",
        "a@b\u{85}", "a@b\u{2028}DATA", "a@[1.2.3.4]\r\nDATA", "a@[1.2.3.4] X",
    ]) func `refuses what would end the command`(address: String) {
        #expect(throws: SMTPPathError.forbiddenCharacter) { try SMTPPath(address) }
    }

    @Test(arguments: [
        "a", "@b", "a@", "a@@b", "a@b@c", "\"a@b", "\"a\"b@c", "a@.b", "a@b.", "a@[]", "a@[1.2.3.4", "a@b,c@d", "a@b;c",
        "a(c)@b",
        "\"a\\", "a@b:25", "@route:a@b",
    ]) func `refuses what is no address`(address: String) {
        #expect(throws: SMTPPathError.syntax) { try SMTPPath(address) }
    }

    @Test func `refuses nothing and too much`() {
        #expect(throws: SMTPPathError.empty) { try SMTPPath("") }
        #expect(throws: SMTPPathError.tooLong) { try SMTPPath(String(repeating: "a", count: 600) + "@b") }
        #expect(SMTPPath.null.description == "<>")
        #expect(SMTPPath.null.isNull)
    }

    @Test(arguments: [
        ("mail.example.com", true), ("[10.0.0.1]", true), ("a b", false), ("a\r\nRSET", false), ("", false),
        ("ü.de", false),
    ])
    func `checks the client's name`(name: String, isValid: Bool) {
        #expect((SMTPClientName(name) != nil) == isValid)
    }
}
