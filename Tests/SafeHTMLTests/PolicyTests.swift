import SafeHTML
import Testing

/// What stays, what goes, and in what form.
@Suite struct `Safe HTML` {
    static let cases: [(String, String)] = [
        ("Hello", "Hello"),
        (" \n<!doctype html><html><head><title>T</title></head><body><p>A &amp; B</body></html>", "<p>A &amp; B</p>"),
        ("<p>a<script>alert(1)</script>b<style>p{}</style>", "<p>ab</p>"),
        ("<p onclick=x style='color:red;position:fixed'>a", #"<p style="color:red">a</p>"#),
        ("<form action=/x><input name=a><button>Go</button></form>", "Go"),
        ("<iframe src=https://x></iframe><object data=x>f</object><svg><a>t</a></svg><math><mi>m</math>z", "z"),
        (
            "<a href=https://example.com/?a=1&amp;b=2>x</a>",
            #"<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a>"#
        ),
        ("<a href=JavaScript:alert(1)>x</a><a href='java\tscript:x'>y</a>", "<a>x</a><a>y</a>"),
        ("<a href=/logout>x</a><a href=https:evil>y</a><a href=data:text/html,x>z</a>", "<a>x</a><a>y</a><a>z</a>"),
        (
            "<a href=//example.com/a>x</a>",
            #"<a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow">x</a>"#
        ),
        (
            "<a name=top id=body>x</a><a href=#top>y</a>",
            ##"<a name="mail-top" id="mail-body">x</a><a href="#mail-top">y</a>"##
        ),
        (
            "<img src=https://x/p.gif width=1 alt=a onerror=e><img src=cid:a%40b><img src='data:image/svg+xml;base64,PA'>",
            #"<img width="1" alt="a"><img src="cid:a@b"><img>"#
        ),
        ("<img src='data:image/PNG;base64,iVBORw0K Ggo='>", #"<img src="data:image/png;base64,iVBORw0KGgo=">"#),
        (
            "<body bgcolor=#ffffff style='margin:0' onload=x><p>a",
            #"<div style="background-color:#ffffff;margin:0"><p>a</p></div>"#
        ),
        ("<plaintext><b>x", "<pre>&lt;b&gt;x</pre>"), ("<textarea><b>x</textarea>y", "y"),
        ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
        ("<!--[if mso]><script>x</script><![endif]-->a<?php x ?>b<o:p>c</o:p>", "abc"),
        (
            "<table><tr><td bgcolor=red>a<b>b</table>",
            "<table><tbody><tr><td bgcolor=\"red\">a<b>b</b></td></tr></tbody></table>"
        ),
        ("<div class='fixed' data-x=1 contenteditable draggable>a</div>", "<div>a</div>"),
        ("<noscript><p>a</noscript><template><p>b</template>", "<p>a</p>"),
        ("a\u{A0}b\u{1}c &lt;script&gt;", "a\u{A0}b\u{FFFD}c &lt;script&gt;"),
        ("<font face=\"Arial, 'x'\" color=#ff0000 size=+1>a</font>", "<font color=\"#ff0000\" size=\"+1\">a</font>"),
        ("<p title='`\"<>&'>a", #"<p title="&#96;&quot;&lt;&gt;&amp;">a</p>"#),
    ]

    @Test(arguments: cases)
    func `keeps what is harmless`(html: String, expected: String) {
        #expect(SafeHTML(html, addresses: nil)?.html == expected)
    }

    static let styles: [(String, String)] = [
        ("color: red; background:#FFF", "color:red;background:#FFF"),
        ("COLOR:RGB(1, 2,3)!important", "color:rgb(1, 2,3) !important"),
        ("font:12px/1.5 Arial, \"Segoe UI\", sans-serif", "font:12px/1.5 Arial,'Segoe UI',sans-serif"),
        ("background:url(https://x/y) red;width:10px", "width:10px"),
        ("width:expression(alert(1));height:1em", "height:1em"),
        ("background:u\\72l(x);color:red", "color:red"), ("-moz-binding:url(x);behavior:url(x)", ""),
        ("position:absolute;top:0;z-index:9;transform:scale(9)", ""), ("margin:-10px 0", ""),
        ("margin:0 auto;padding:-1px", "margin:0 auto;padding:-1px"),
        ("color:red/*;*/;/*x*/width:1px", "color:red;width:1px"), ("color:r/**/ed", "color:r ed"),
        ("color:red}body{display:none", ""), ("@import 'x';color:blue", "color:blue"),
        ("font-family:'a;color:red';color:blue", "color:blue"), ("width:calc(1px + 2px);color:var(--x)", ""),
        ("color:'red'", ""), ("content:'x'", ""), ("--x:url(y);color:red", "color:red"), ("color", ""), (":;:", ""),
        ("color:red;;;color:", "color:red"), ("width:1px2px", ""), ("list-style:none url('x')", ""),
        ("font-family:'unclosed", ""), ("color:#12345", ""), ("filter:progid:X(src='y')", ""),
        ("mso-line-height-rule:exactly;line-height:100%", "line-height:100%"),
    ]

    @Test(arguments: styles)
    func `keeps of a style what it knows`(style: String, expected: String) {
        let escaped = style.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
        let attribute = expected.isEmpty ? "" : " style=\"\(expected)\""
        #expect(SafeHTML("<p style=\"\(escaped)\">a</p>", addresses: nil)?.html == "<p\(attribute)>a</p>")
    }

    @Test func `counts what was not fetched`() {
        let html = """
            <body background=https://x/1><img src=https://x/2><img srcset='https://x/3 2x'><p style='background:url(//x/4)'>
            <link rel=stylesheet href=https://x/5><iframe src=https://x/6></iframe><img src=cid:x><img src=data:image/gif;base64,AA==>
            """
        #expect(SafeHTML(html, addresses: nil)?.blockedRemote == 6)
    }

    @Test func `shows parts of the message by their addresses`() {
        let html = "<img src=\"CID:a%40b\"><img src=cid:gone><img src=\"cid:x&quot;y\">"
        let safe = SafeHTML(html, addresses: ["a@b": "/v1/x?a=1&b=\"2\""])
        #expect(safe?.html == "<img src=\"/v1/x?a=1&amp;b=&quot;2&quot;\"><img><img>")
    }
}
