import MIME
import Testing

@Suite struct PreviewTests {
    @Test func `leaves out quotes, rules and the signature`() {
        let text = "Hi,\n\nsee   you\ttomorrow.\n-----\n> old text\n> more\nBye\n-- \nSent from somewhere"
        #expect(Preview.of(text: text) == "Hi, see you tomorrow. Bye")
        #expect(Preview.of(text: "> only\n> a quote") == "> only > a quote")
        #expect(Preview.of(text: "") == "")
    }

    @Test func `is cut between characters`() {
        let family = "👨‍👩‍👧‍👦"
        #expect(Preview.of(text: String(repeating: family, count: 300)) == String(repeating: family, count: 256))
        #expect(Preview.of(text: "abc def", maximum: 4) == "abc")
    }

    @Test func `drops what newsletters hide`() {
        let html =
            "<style>x</style><div style=\"display:none\">Sale!&zwnj;&nbsp;&#8203;&zwnj;&nbsp;&#847;</div><p>Shop <b>now</b></p>"
        #expect(Preview.of(html: html) == "Sale!\u{200C} Shop now")
    }

    static let stripped: [(String, String)] = [
        ("a<br>b", "a\nb"), ("<p>a</p><p>b</p>", "a\n\nb"), ("a<script>x</script>b", "ab"),
        ("&lt;b&gt; &eacute;&#233;&#xe9;", "<b> ééé"),
        ("<a href=\"https://x.example/\">https://x.example/</a>", "https://x.example/"),
        ("<a href='javascript:x'>y</a>", "y"),
        ("<a href='https://x.example'>y</a>!", "y <https://x.example>!"), ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"),
        ("x<!-- never closed", "x"), ("1 < 2", "1 < 2"), ("<table><tr><td>a<td>b</table>", "a b"),
        ("<img alt='Logo' src=x>", "Logo"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"), ("&#128; &#0;", "€ \u{FFFD}"),
    ]

    @Test(arguments: stripped)
    func `strips tags`(html: String, text: String) {
        #expect(htmlToText(html) == text)
    }
}
