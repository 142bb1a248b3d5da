import HTTP
import Testing

struct FieldValueTests {
    @Test func `writes and reads dates`() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (1_798_761_600, "Fri, 01 Jan 2027 00:00:00 GMT"),
        ] {
            #expect(String(decoding: HTTPDate.format(seconds), as: UTF8.self) == text)
            #expect(HTTPDate.parse(text) == seconds)
        }
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
        ] {
            #expect(HTTPDate.parse(text) == nil)
        }
    }

    @Test func `reads media types`() {
        let json = MediaType("Application/JSON ; Charset=\"UTF-8\"; x=y")
        #expect(json?.essence == "application/json" && json?.charset == "utf-8" && json?["x"] == "y")
        #expect(json?.isJSON == true)
        #expect(MediaType("application/merge-patch+json")?.isJSON == true)
        #expect(MediaType("text/plain")?.isJSON == false)
        for text in ["", "json", "a/", "/b", "a/b; c=\"", "a/b, c/d", "a b/c"] { #expect(MediaType(text) == nil) }
    }

    @Test(
        arguments: [
            ("text/event-stream", ["application/json", "text/event-stream"], "text/event-stream"),
            ("*/*", ["application/json", "text/event-stream"], "application/json"),
            (nil, ["application/json"], "application/json"),
            ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", ["text/plain", "text/html", "image/jpeg"], "text/html"),
            ("application/json;q=0", ["application/json"], nil),
            ("image/png", ["application/json"], nil),
            ("garbage;;,text/plain", ["text/plain"], "text/plain"),
            ("a/b;q=1.000, c/d;q=0.999", ["c/d", "a/b"], "a/b"),
        ] as [(String?, [String], String?)])
    func `chooses what the client likes best`(accept: String?, offers: [String], best: String?) {
        #expect(Accept(accept).best(of: offers) == best)
    }

    @Test(arguments: [
        ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1000), ("bytes=500-", 500..<1000),
        ("bytes=-1", 999..<1000), ("bytes=-5000", 0..<1000), ("bytes=999-2000", 999..<1000), ("Bytes= 0-0", 0..<1),
    ])
    func `resolves ranges`(value: String, range: Range<Int>) {
        #expect(ByteRange(value)?.resolve(size: 1000) == range)
    }

    @Test func `serves the whole where a range is none, and nothing where it lies outside`() {
        for value in ["bytes=5-4", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=", "bytes=-", "0-1"] {
            #expect(ByteRange(value) == nil)
        }
        #expect(ByteRange(nil) == nil)
        for value in ["bytes=1000-", "bytes=1000-2000", "bytes=-0"] {
            let range = ByteRange(value)
            #expect(range != nil && range?.resolve(size: 1000) == nil)
        }
        #expect(ByteRange("bytes=0-")?.resolve(size: 0) == nil)
        #expect(ByteRange("bytes=99999999999999999999-") == nil)
        #expect(ByteRange.contentRange(0..<5, size: 10) == "bytes 0-4/10")
    }

    @Test func `compares entity tags`() {
        let current = EntityTag("a")
        #expect(current.description == "\"a\"" && EntityTag("a", isWeak: true).description == "W/\"a\"")
        let both = EntityTagCondition("\"x\", W/\"a\" ,\"b\"")
        #expect(both?.matchesWeakly(current) == true && both?.matchesStrongly(current) == false)
        #expect(EntityTagCondition("\"a\"")?.matchesStrongly(current) == true)
        #expect(EntityTagCondition(" * ")?.matchesStrongly(nil) == false)
        #expect(EntityTagCondition("*")?.matchesWeakly(current) == true)
        #expect(EntityTagCondition("\"a\"")?.matchesWeakly(nil) == false)
        for text in ["", "a", "\"a", "\"a\" \"b\"", "\"a\", b", "*, \"a\"", "w/\"a\""] {
            #expect(EntityTagCondition(text) == nil)
        }
        #expect(EntityTag(parsing: "W/\"\"") == EntityTag("", isWeak: true))
    }

    @Test(arguments: [
        ("report.pdf", "attachment; filename=\"report.pdf\""),
        ("a \"b\"\\c.txt", "attachment; filename=\"a _b__c.txt\"; filename*=UTF-8''a%20%22b%22_c.txt"),
        ("€ rates.txt", "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"),
        ("../../etc/passwd", "attachment; filename=\".._.._etc_passwd\""),
        ("a\r\nSet-Cookie: b", "attachment; filename=\"a_Set-Cookie: b\""),
        ("exe\u{202E}gpj", "attachment; filename=\"exe_gpj\""), ("", "attachment"),
    ])
    func `names downloads`(name: String, value: String) {
        #expect(ContentDisposition.value("attachment", filename: name) == value)
    }

    @Test func `writes links that cannot end early`() {
        #expect(Link("/v1/x?cursor=a", relation: "next").value == "</v1/x?cursor=a>; rel=\"next\"")
        #expect(Link("/a>; rel=\"x\" é\r", relation: "next").value == "</a%3E;%20rel=\"x\"%20%C3%A9%0D>; rel=\"next\"")
    }

    @Test func `reads preferences`() {
        let all = Preferences("respond-async, wait=\"10\"; x=y, return = Minimal, wait=99")
        #expect(all.wait == 10 && all.return == .minimal && all.respondsAsync)
        #expect(Preferences("wait=-1, wait").wait == nil)
        #expect(Preferences(nil) == Preferences(""))
        #expect(Preferences("=, ;, wait=5").wait == 5)
    }

    @Test func `encodes and decodes percents`() {
        #expect(PercentEncoding.encode("a/b c~é") == "a%2Fb%20c~%C3%A9")
        let decoded = PercentEncoding.decode(Array("a%2fb%".utf8)[...])
        #expect(decoded == Array("a/b%".utf8))
    }
}
