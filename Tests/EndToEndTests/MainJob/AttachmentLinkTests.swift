import Foundation
import MailServers
import Testing

/// Attachments by links that need no token.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct AttachmentLinkTests {
    private static let picture = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) })

    /// An html body with a picture inside the message, and a page as an attachment.
    private static let raw = TestMail.crlf(
        """
        From: alice@outside.test
        To: me@example.test
        Subject: Picture
        Message-ID: <picture@outside.test>
        MIME-Version: 1.0
        Content-Type: multipart/related; boundary=b

        --b
        Content-Type: text/html; charset=utf-8

        <p>See <img src="cid:pic@outside.test"></p>
        --b
        Content-Type: image/png
        Content-ID: <pic@outside.test>
        Content-Disposition: inline; filename=pic.png
        Content-Transfer-Encoding: base64

        \(TestMail.base64(picture))
        --b
        Content-Type: text/html
        Content-Disposition: attachment; filename=evil.html
        Content-Transfer-Encoding: base64

        \(TestMail.base64(Array("<script>alert(1)</script>".utf8)))
        --b--

        """)

    private func account(_ bridge: Bridge) async throws -> (MailAccount, id: JSONValue) {
        let account = try await bridge.newAccount()
        try await account.host.dovecot.seed(account.user, [SeedMessage(Self.raw)])
        return (account, try await account.onlyMessage()["id"])
    }

    @Test func `the images of a safe html body load without a token`() async throws {
        let (account, id) = try await account(try await Bridge.shared())
        let message = try await account.api.get(account.message(id)).expecting(200)
        let html = try #require(message["html"].string)
        let start = try #require(html.ranges(of: "src=\"").first?.upperBound)
        let url = String(html[start...].prefix { $0 != "\"" }).replacing("&amp;", with: "&")
        try #require(url.hasPrefix("/attachments/"))
        let image = try await account.api.with(token: nil).get(url)
        #expect(image.status == 200 && image.body == Self.picture)
        #expect(image["Content-Type"] == "image/png")
        #expect(image["Content-Disposition"]?.hasPrefix("inline") == true)
        // The links of a kept copy expire, so the copy is not confirmed.
        let whole = try await account.api.get(account.message(id))
        let tag = try #require(whole["ETag"])
        #expect(try await account.api.get(account.message(id), headers: [("If-None-Match", tag)]).status == 200)
        let original = try account.message(id) + "?html=original"
        #expect(try await account.api.get(original, headers: [("If-None-Match", tag)]).status == 304)
    }

    @Test func `a link works until it expires, and for nothing else`() async throws {
        let (account, id) = try await account(try await Bridge.shared())
        let attachments = try await account.api.get(account.message(id)).expecting(200)["attachments"].array
        let page = try #require(attachments.first { $0["name"] == "evil.html" }?["id"].string)
        let path = "\(try account.message(id))/attachments/\(page)/link"
        let link = try await account.api.post(path, ["expiresIn": 1000, "disposition": "inline"]).expecting(201)
        let url = try #require(link["url"].string)
        let stranger = account.api.with(token: nil)
        let content = try await stranger.get(url)
        #expect(content.status == 200 && content.text == "<script>alert(1)</script>")
        // A page of a stranger is never shown under our origin.
        #expect(content["Content-Disposition"]?.hasPrefix("attachment") == true)
        #expect(content["Content-Security-Policy"] == "sandbox; default-src 'none'")
        #expect(content["X-Content-Type-Options"] == "nosniff")
        for (old, new) in [("/\(page)?", "/2?"), ("inline", "attachment"), ("expires=", "expires=9")] {
            try await stranger.get(url.replacing(old, with: new)).problem(403, "invalid-link")
        }
        try await account.api.post("\(try account.message(id))/attachments/9/link", [:])
            .problem(404, "attachment-not-found")

        let short = try await account.api.post(path, ["expiresIn": 1]).expecting(201)
        let expired = try await eventually("the link has expired") {
            try await stranger.get(short["url"].string ?? "")
        } until: {
            $0.status != 200
        }
        #expect(try expired.problem(403, "invalid-link")["detail"] == "The link has expired.")
    }

    @Test func `links outlive a restart, begin with the public URL, and are in no log`() async throws {
        let settings = ["MAILBRIDGE_PUBLIC_URL": "https://mail.example.test"]
        let first = try await Bridge.start(settings: settings)
        let (account, id) = try await account(first)
        let link = try await account.api.post("\(try account.message(id))/attachments/2/link", [:]).expecting(201)
        let url = try #require(link["url"].string)
        try #require(url.hasPrefix("https://mail.example.test/attachments/"))
        try await first.process.stop()
        let second = try await first.restart(settings: settings)
        let target = String(url.trimmingPrefix("https://mail.example.test"))
        let content = try await second.api.with(token: nil).get(target)
        #expect(content.status == 200 && content.body == Self.picture)
        let signature = try #require(target.split(separator: "signature=").last)
        #expect(!second.process.output.contains(String(signature)))
        try await second.process.stop()
    }
}
