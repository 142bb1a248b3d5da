import Foundation

extension ParserProbe {
    /// Good input: the fixtures of the unit tests, and a few lines where there are none.
    package var corpus: [[UInt8]] {
        get throws {
            switch self {
            case .imapResponses, .imapSession: try Self.transcripts("IMAPTests")
            case .pop3Session: Self.maildrops
            case .smtpReplies: try Self.transcripts("SMTPTests")
            case .mimeMessages: try Self.files("MIMETests", ".eml")
            case .mimeHeaders: try Self.files("MIMETests", ".eml").map { Array($0.prefix(1_000)) } + Self.fields
            case .mimeBodies: try Self.files("MIMETests", ".eml").enumerated().map { [UInt8($0 * 7 % 256)] + $1 }
            case .mailReports: try Self.files("MIMETests", ".report")
            case .html: try Self.lines("SafeHTMLTests", "vectors.txt") + Self.pages
            case .json: Self.documents
            case .httpRequests: Self.requests
            case .httpResponses: Self.responses
            case .httpFieldValues: Self.fields
            case .httpForms: Self.forms
            }
        }
    }

    /// Words that mean something to the parser.
    package var dictionary: [String] {
        switch self {
        case .imapResponses, .imapSession:
            [
                "(", ")", "{3}\r\n", "{99999999}\r\n", "\"", "\\", "*", "+ ", "~{1}\r\n", "NIL", "<", "[", "]", "\r\n",
                "\0", "FETCH",
                "A1 OK ", "A2 BAD ", "* BYE ", "4294967296", "-1", "BODY[", "%", "\u{FC}",
            ]
        case .pop3Session:
            [
                "+OK ", "-ERR ", "+ ", "\r\n", "\n", "\r\n.\r\n", "..", "\r", "[IN-USE]", "<1@x>", "SASL PLAIN\r\n",
                "UTF8\r\n",
                "LANG\r\n",
                "1 99999999999999999999\r\n", "\0", "\u{FC}",
            ]
        case .smtpReplies:
            ["250-", "250 ", "421 ", "\r\n", "\n", "5.1.1 ", "AUTH", "SIZE 99999999999999999999", "\0", "334 "]
        case .httpRequests, .httpResponses:
            [
                "\r\n", "\r\n\r\n", "\n", ": ", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "HTTP/1.1",
                "ffffffffffffffff",
                "0\r\n\r\n", " ", "\t", "%00", "?", "#", "Host: x\r\n", "Expect: 100-continue\r\n", "\0", ";",
            ]
        case .httpFieldValues:
            ["bytes=", "-", ",", "\"", "W/", ";", "q=", "%", "*", " GMT", "wait=", "=", "\\", "99999999999999999999"]
        case .httpForms:
            [
                "--b", "--b--", "\r\n--b\r\n", "\r\n\r\n", "\r\n", "Content-Disposition: form-data; name=x",
                "filename=\"", "%22", "\0",
            ]
        case .mailReports:
            [
                "\r\n", "\n\n", "Action: failed", "Final-Recipient: rfc822; ", "Status: ", "5.1.1", "@", "<", ">", ";",
                "+", "\\x{",
                "Diagnostic-Code: smtp; ", "X-Failed-Recipients: ", "--- Below this line", "Message-ID: <", "\0",
            ]
        case .mimeMessages, .mimeHeaders, .mimeBodies:
            [
                "\r\n", "\n", "\r\n\r\n", "--", "boundary=", "=?UTF-8?B?", "?=", "=?iso-2022-jp?Q?", "<", ">", "@", "(",
                ")", "\"", "\\",
                "begin 644 x\n", "=\r\n", "=3D", "+AGE-", "\u{1B}$B", "\0", "Content-Type: multipart/mixed; boundary=",
                "*0*=", "''", ";",
            ]
        case .json:
            [
                "{", "}", "[", "]", "\"", "\\u", "\\ud800", "1e400", "-0", "null", ",", ":", "\u{FEFF}", "\0", "\u{FC}",
                "0.",
            ]
        case .html:
            [
                "<", ">", "</", "<!--", "-->", "<script>", "<svg>", "<math>", "<template>", "<style>", "&#", "&lt;",
                "javascript:", "\"", "'",
                "=", "style=\"", "url(", "<table>", "<noscript>", "<textarea>", "<![CDATA[", "]]>", "\0", "<a href=",
                "<img src=cid:",
            ]
        }
    }

    private static var tests: URL { URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent() }

    private static func files(_ target: String, _ suffix: String) throws -> [[UInt8]] {
        let folder = tests.appending(path: "\(target)/Fixtures")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
        return try names.filter { $0.hasSuffix(suffix) }.sorted().map {
            [UInt8](try Data(contentsOf: folder.appending(path: $0)))
        }
    }

    /// What the servers of transcripts say.
    private static func transcripts(_ target: String) throws -> [[UInt8]] {
        try files(target, ".transcript").map { file in
            file.split(separator: 10).filter { $0.starts(with: "S".utf8) }.flatMap { $0.dropFirst(3) + [13, 10] }
        }
    }

    private static func lines(_ target: String, _ name: String) throws -> [[UInt8]] {
        try files(target, name).flatMap { $0.split(separator: 10).map(Array.init) }
    }

    /// Whole sessions, and the answers to the commands that the probe gives.
    private static let maildrops = [
        "+OK hi <1896.697170952@dbc.mtview.ca.us>\r\n+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\nEXPIRE 30\r\n.\r\n+OK\r\n+OK\r\n+OK\r\n.\r\n+OK bye\r\n",
        "+OK hi\r\n+OK\r\nSASL PLAIN LOGIN\r\nUTF8 USER\r\nLANG\r\n.\r\n+OK en\r\n+OK\r\n-ERR [IN-USE] locked\r\n",
        "+OK\r\n1 120\r\n2 200 octets\r\n.\r\n+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n+OK bye\r\n",
        "+OK\r\nSubject: x\r\n..dot\r\n\r\n.\r\n+OK 20 octets\r\nSubject: y\r\n\r\n...\r\n.\r\n+OK gone\r\n+OK 2 320\r\n+OK bye\r\n",
        "-ERR no\r\n-ERR [SYS/TEMP] no\r\n-ERR\r\n-ERR unknown command\r\n-ERR\r\n",
    ].map { Array($0.utf8) }

    private static let requests = [
        "GET /v1/accounts/a/messages?limit=50&from=%C3%84+b HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n",
        "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /y HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HEAD http://host:80/p HTTP/1.1\r\nHost: host\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.0 404 \r\nContent-Type: text/plain\r\n\r\nuntil the end", "HTTP/1.1 204 No Content\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let forms = [
        "--b\r\nContent-Disposition: form-data; name=\"message\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--\r\n",
        "preamble\r\n--b\r\nContent-Disposition: form-data; name=f; filename=\"a%22.txt\"\r\n\r\none\r\n--bb\r\n--\r\n--b \r\n"
            + "Content-Disposition: form-data; name=empty\r\n\r\n\r\n--b--epilogue",
    ].map { Array($0.utf8) }

    private static let fields = [
        " mx.example.org 1; dkim=pass (c) reason=\"x\" header.d=a.example; spf / 1 = fail",
        "(x) <https://a/b>, <mailto:c@d>",
        "text/html;level=1;q=0.5, application/json, */*;q=0.1", "application/json; charset=\"utf-8\"", "bytes=0-9",
        "bytes=-7",
        "W/\"abc\", \"def\", *", "Sun, 06 Nov 1994 08:49:37 GMT", "wait=10, return=minimal, respond-async",
        "\"J\u{F6}rg, X\" <j@example.org>, group: a@b.c, <d@e>;, =?UTF-8?Q?=C3=84?= <x@y.z> (note)",
        "Tue, 14 Nov 2023 22:13:20 +0900 (JST)", "attachment; filename*0*=UTF-8''%E5%A0; filename*1=\"b.png\"",
        "multipart/mixed; boundary=\"=-b\"; charset=us-ascii", "a%20b+c%C3%A4%zz", "m\u{FC}nchen.example",
    ].map { Array($0.utf8) }

    private static let documents = [
        #"{"to":["a@b.c",{"name":"\u00dc \ud83d\ude00","email":"x@y.z"}],"n":-1.5e3,"t":true,"f":false,"z":null}"#,
        #"[[],{},"",0,-0,1E+2,"\\\"\/\b\f\n\r\t"]"#, #""plain""#, "[[[[[[[[[[1]]]]]]]]]]",
        #"{"a":{"b":{"c":[1,2,3]}}}"#,
    ].map { Array($0.utf8) }

    private static let pages = [
        "<p style=\"color:red;background:url(http://x/y)\">Gr\u{FC}&szlig;e <a href='https://x.example'>x</a><img src=cid:a@b></p>",
        "<table><tr><td><b>1<td>2</table><svg><style><a id=\"</style><img src=1>\">",
        "<math><mtext><table><mglyph><style><!--</style>",
    ].map { Array($0.utf8) }
}
