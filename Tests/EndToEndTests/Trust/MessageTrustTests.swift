import MailServers
import Testing

/// What a message says of its sender, its list and its protection, by way of both kinds of IMAP server and of POP3.
@Suite(.timeLimit(.minutes(2)), .validatesAnswers)
struct MessageTrustTests {
    private static let mail = TestMail.crlf(
        """
        Received: from mail.outside.test by mx.example.test with ESMTPS; Tue, 14 Nov 2023 22:13:21 +0000
        Authentication-Results: mx.example.test; dkim=pass (good) header.d=outside.test;
         spf=fail reason="not theirs" smtp.mailfrom=alice@outside.test
        Authentication-Results: mx.evil.test; dmarc=pass header.from=example.test
        From: alice@outside.test
        To: me@example.test
        Subject: trusted
        Date: Tue, 14 Nov 2023 22:13:20 +0000
        Message-ID: <trusted@outside.test>
        List-Id: Jokes <jokes.outside.test>
        List-Unsubscribe: <mailto:u@outside.test>, <https://outside.test/u?x=1>
        List-Unsubscribe-Post: List-Unsubscribe=One-Click
        MIME-Version: 1.0
        Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b

        --b
        Content-Type: text/plain

        -----BEGIN PGP PUBLIC KEY BLOCK-----
        --b
        Content-Type: application/pgp-signature; name=s.asc

        x
        --b--

        """)

    private func expectTrust(_ message: JSONValue) {
        #expect(
            message["authentication"] == [
                "authservId": "mx.example.test", "trust": "named",
                "results": [
                    [
                        "method": "dkim", "result": "pass", "reason": .null,
                        "properties": [["name": "header.d", "value": "outside.test"]],
                    ],
                    [
                        "method": "spf", "result": "fail", "reason": "not theirs",
                        "properties": [["name": "smtp.mailfrom", "value": "alice@outside.test"]],
                    ],
                ],
            ])
        #expect(
            message["list"] == [
                "id": "jokes.outside.test", "name": "Jokes",
                "unsubscribe": ["mailto:u@outside.test", "https://outside.test/u?x=1"],
                "oneClick": "https://outside.test/u?x=1",
            ])
        #expect(
            message["protections"] == [
                ["standard": "openpgp", "kind": "signed", "part": "1", "signature": "2"],
                ["standard": "openpgp", "kind": "keys", "part": .null, "signature": .null],
            ])
    }

    @Test(arguments: MailStore.allCases) func `is told where the account believes who says it`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        try await account.seed([SeedMessage(Self.mail), SeedMessage(TestMail.plain("bare"))])
        let all = try await account.list("mailbox=inbox")["data"].array
        let trusted = try account.message(try #require(all.first { $0["subject"] == "trusted" })["id"])
        let bare = try account.message(try #require(all.first { $0["subject"] == "bare" })["id"])
        // Its server is called localhost, so nobody is learned who could have said this.
        #expect(try await account.api.get(trusted).expecting(200)["authentication"].isNull)
        let changed = try await account.api.patch(account.path, ["authservIds": ["MX.example.test"]]).expecting(200)
        #expect(changed["authservIds"] == ["MX.example.test"])
        expectTrust(try await account.api.get(trusted).expecting(200))
        let plain = try await account.api.get("\(bare)?verifyDkim=true").expecting(200)
        #expect(plain["authentication"].isNull && plain["list"].isNull && plain["protections"] == [])
        #expect(plain["signatures"] == [])
        try await account.api.patch(account.path, ["authservIds": []]).expecting(200)
        #expect(try await account.api.get(trusted).expecting(200)["authentication"].isNull)
        #expect(try await account.api.patch(account.path, ["authservIds": .null]).expecting(200)["authservIds"].isNull)
        try await account.api.patch(account.path, ["authservIds": [""]]).problem(422, "invalid-request")
    }
}
