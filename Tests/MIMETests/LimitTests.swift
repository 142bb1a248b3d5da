import MIME
import Testing

/// Messages made to hurt: something quadratic turns each of them into minutes.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    static func parse(_ text: String, _ limits: MIMELimits = .standard) -> ParsedMessage {
        ParsedMessage(parsing: Array(text.utf8), limits: limits)
    }

    @Test func `stops at a depth`() {
        var text = ""
        for level in 0..<10_000 { text += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n" }
        let message = Self.parse(text)
        #expect(message.problems.contains(.nestingTooDeep))
        #expect(message.parts.count == MIMELimits.standard.depth + 1)
        #expect(message.selection.attachments.count == 1)
    }

    @Test func `stops at a number of parts`() {
        let part = "\r\n--b\r\nContent-Type: text/plain\r\n\r\nx"
        let text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + String(repeating: part, count: 100_000)
        let message = Self.parse(text)
        #expect(message.problems.contains(.tooManyParts))
        #expect(message.parts.count == MIMELimits.standard.parts)
        var limits = MIMELimits()
        limits.parts = 5_000
        #expect(Self.parse(text, limits).parts.count == 5_000)
    }

    @Test func `bounds the header`() {
        let wide = Self.parse("Subject: " + String(repeating: "x ", count: 600_000) + "\r\nFrom: a@b\r\n\r\nbody")
        #expect(wide.problems == [.headerTooLarge])
        #expect(wide.headers.from.isEmpty && wide.headers.fields.isEmpty)
        #expect(wide.text(of: 0).text == "body")
        let many = Self.parse(String(repeating: "X: y\r\n", count: 50_000) + "\r\nbody")
        #expect(many.problems == [.tooManyHeaders])
        #expect(many.headers.fields.count == MIMELimits.standard.headerFields)
        #expect(many.text(of: 0).text == "body")
    }

    @Test(arguments: [
        "=?", "=?a?Q?x", "=?utf-8?Q??=", "=?utf-8?B?w6k?= ", "(", "\"", "\\\"", "<", "a@b,", "g:", "<a@b", ";", "@",
        "[", "a ",
        "=?utf-8?Q?a??", "<@", "\"\\", ")", "?=",
    ])
    func `reads a header of one thing in linear time`(thing: String) {
        let value = String(repeating: thing, count: 100_000 / thing.utf8.count)
        let headers = Headers(
            fields: ["Subject", "From", "Message-ID", "Date", "Content-Type", "Content-Disposition"].map {
                HeaderField(name: $0, rawValue: Array(value.utf8))
            })
        _ = (
            headers.subject, headers.from.count, headers.messageID, headers.date, headers.contentType,
            headers.contentDisposition
        )
        let parameters = Headers(
            fields: [HeaderField(name: "Content-Type", rawValue: Array("a/b; x=\(value); y*0*=\(value)".utf8))])
        _ = parameters.contentType?.parameters
    }

    /// A mark behind the star makes one character of both.
    @Test(arguments: [
        ("x*\u{301}", "v"), ("x*\u{FE0F}1", "v"), ("x*", "v"), ("x**", "v"), ("x*0*", "v"), ("*", nil), ("**x", nil),
    ]) func `reads a parameter whatever stands behind its star`(name: String, value: String?) {
        let headers = Headers(
            fields: [HeaderField(name: "Content-Type", rawValue: Array("a/b; \(name)=v".utf8))])
        #expect(headers.contentType?.parameters["x"] == value)
    }

    @Test(arguments: [
        "<", "<!--", "<a href='x", "<a href=x>", "&", "&#", "&#x1F600;", "<blockquote>", "<script>", "<pre>", "</",
        "<p>", "<!", "\"", "<x y=\"",
        "<a href=http://x>y</a>", "<td>", "<li>", "<br>", "&nbsp;",
    ])
    func `turns HTML of one thing into text in linear time`(thing: String) {
        let html = String(repeating: thing, count: 100_000 / thing.utf8.count)
        _ = htmlToText(html)
        #expect(Preview.of(html: html).count <= 256)
    }

    @Test func `finds no boundary in many dashes`() {
        let text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        let message = Self.parse(text + String(repeating: "--------\r\n--\r\n--x\r\n", count: 100_000))
        #expect(message.parts.count == 2)
        #expect(message.problems == [.missingFinalBoundary])
    }
}
