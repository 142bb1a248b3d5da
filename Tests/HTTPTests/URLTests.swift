import HTTP
import Testing
import Wire

@Suite struct `Absolute URLs` {
    @Test(arguments: [
        ("https://example.org", true, "example.org", 443, "/", "example.org"),
        ("HTTPS://Example.ORG/Hooks?id=1", true, "example.org", 443, "/Hooks?id=1", "example.org"),
        ("http://example.org:8080/a", false, "example.org", 8080, "/a", "example.org:8080"),
        ("http://example.org:80", false, "example.org", 80, "/", "example.org"),
        ("https://[2001:DB8::1]:8443/x", true, "2001:db8::1", 8443, "/x", "[2001:db8::1]:8443"),
        ("https://192.0.2.1?x", true, "192.0.2.1", 443, "/?x", "192.0.2.1"),
        ("https://xn--bcher-kva.example./", true, "xn--bcher-kva.example.", 443, "/", "xn--bcher-kva.example."),
    ])
    func `are taken apart`(
        text: String, isSecure: Bool, host: String, port: UInt16, target: String, authority: String
    ) throws {
        let url = try HTTPURL(text)
        #expect(url.isSecure == isSecure && url.host == host && url.port == port && url.target == target)
        #expect(url.authority == authority)
    }

    @Test(arguments: [
        ("ftp://example.org/", HTTPURL.Fault.scheme), ("example.org", .scheme), ("//example.org", .scheme),
        ("https:/example.org", .scheme), ("javascript:alert(1)", .scheme),
        ("https://user:pass@example.org/", .userInformation), ("https://a@b", .userInformation),
        ("https://", .host), ("https:///path", .host), ("https://exa mple.org/", .host),
        ("https://exämple.org/", .host),
        ("https://a..b/", .host), ("https://-a.example/", .host), ("https://127.1/", .host),
        ("https://2130706433/", .host), ("https://0x7f000001/", .host), ("https://0x7f.1/", .host),
        ("https://0177.0.0.1/", .host), ("https://127.0.0.1./", .host), ("https://256.1.1.1/", .host),
        ("https://[::1/", .host), ("https://[fe80::1%25eth0]/", .host), ("https://[::1]x/", .host),
        ("https://%31%32%37.0.0.1/", .host), ("https://example.org:0/", .port), ("https://example.org:/", .port),
        ("https://example.org:65536/", .port), ("https://example.org:80x/", .port),
        ("https://example.org/#x", .fragment), ("https://example.org/a b", .character),
        ("https://example.org\\@evil.example/", .character), ("https://example.org/\u{7F}", .character),
        ("https://example.org/\r\nX: y", .character), ("https://example.org/ä", .character),
        ("https://example.org/" + String(repeating: "x", count: 2048), .tooLong),
    ])
    func `that can be read in two ways are refused`(text: String, fault: HTTPURL.Fault) {
        #expect(throws: fault) { try HTTPURL(text) }
    }

    @Test func `a request head is the encoder's, whatever the fields say`() throws {
        let url = try HTTPURL("https://example.org/hook?x=1")
        let fields: HTTPFields = [
            "Host": "evil.example", "Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "upgrade",
            "X-One": "a\r\nX-Two: b",
        ]
        let head = String(decoding: RequestEncoder.head(.post, url, fields, contentLength: 3), as: UTF8.self)
        #expect(
            head == "POST /hook?x=1 HTTP/1.1\r\nHost: example.org\r\nX-One: a  X-Two: b\r\nContent-Length: 3\r\n\r\n")
        #expect(
            String(decoding: RequestEncoder.head(.get, url, [:], contentLength: 0), as: UTF8.self)
                == "GET /hook?x=1 HTTP/1.1\r\nHost: example.org\r\n\r\n")
    }
}
