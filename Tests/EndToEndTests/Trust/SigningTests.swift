import Foundation
import MailServers
import Testing

/// Mail that goes out signed by a key of the account, verified by somebody else (dkimpy) where it arrives, and by ourselves.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SigningTests {
    private static let verifier = #"""
        import sys, json, dkim
        job = json.load(sys.stdin)
        keys = {name.encode() + b".": text.encode() for name, text in job["keys"].items()}
        message = bytes.fromhex(job["message"])
        verifier = dkim.DKIM(message)
        for index in range(job["count"]):
            assert verifier.verify(idx=index, dnsfunc=lambda name, timeout=5: keys.get(name)), index
        print("verified", verifier.domain.decode())
        """#

    private static func verify(_ message: [UInt8], _ records: [(name: String, value: String)]) async throws -> String {
        let job: [String: Any] = [
            "message": message.map { String(format: "%02x", $0) }.joined(), "count": records.count,
            "keys": Dictionary(uniqueKeysWithValues: records.map { ($0.name, $0.value) }),
        ]
        let input = [UInt8](try JSONSerialization.data(withJSONObject: job))
        return try await onThread {
            try Command.check([try Python.interpreter(), "-c", verifier], input: input)
        }
    }

    /// What an account offers to be published.
    private static func records(_ account: JSONValue) -> [(name: String, value: String)] {
        account["dkim"].array.compactMap { key in
            guard let name = key["record"]["name"].string, let value = key["record"]["value"].string else { return nil }
            return (name, value)
        }
    }

    /// As dnsmasq takes it: strings of at most 255 octets.
    private static func line(_ record: (name: String, value: String)) -> String {
        let text = Array(record.value)
        let strings = stride(from: 0, to: text.count, by: 200).map {
            String(text[$0..<min($0 + 200, text.count)])
        }
        return "txt-record=\(record.name)," + strings.joined(separator: ",")
    }

    private static let both: JSONValue = [
        ["domain": "example.test", "selector": "rsa"],
        ["domain": "Example.TEST", "selector": "ed", "algorithm": "ed25519-sha256"],
    ]

    private static func arrival(_ account: MailAccount) async throws -> [UInt8] {
        let stored = try await eventually("mail for \(account.user.email)") {
            try await account.stored()
        } until: {
            !$0.isEmpty
        }
        return stored[0]
    }

    @Test
    func `mail of every kind arrives with signatures that dkimpy verifies, and the record is for copying into DNS`()
        async throws
    {
        let bridge = try await Bridge.shared()
        let sender = try bridge.host.newUser()
        let answer = try await bridge.api.post(
            "/v1/accounts", bridge.host.draft(for: sender).setting("/dkim", to: Self.both))
        let made = try answer.expecting(201)
        #expect(!answer.text.contains("PRIVATE") && !answer.text.contains("privateKey"))
        let records = Self.records(made)
        #expect(records.map(\.name) == ["rsa._domainkey.example.test", "ed._domainkey.example.test"])
        #expect(
            records[0].value.hasPrefix("v=DKIM1; k=rsa; p=MII") && records[1].value.hasPrefix("v=DKIM1; k=ed25519; p="))
        var account = MailAccount(id: try #require(made["id"].string), api: bridge.api, host: bridge.host)
        account.user = sender

        // A body larger than one sealed chunk, so that the signature is put before what was stored already.
        let file = Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }).base64EncodedString()
        let drafts: [JSONValue] = [
            ["subject": "kurz", "text": "Grüße.\n.\n..zwei Punkte\n\n\n"],
            [
                "subject": "日本語の件名です、とても長い件名はいくつもの行に分けて書かれます", "text": "Text", "html": "<p>Grüße</p>",
                "attachments": [["name": "a.bin", "type": "application/octet-stream", "content": .string(file)]],
                "unsubscribe": ["url": "https://example.test/u", "oneClick": true],
            ],
        ]
        for draft in drafts {
            let recipient = try await bridge.newAccount()
            let copy = try await bridge.newAccount()
            let sent = try await account.submit(
                draft.setting("/to", to: [.string(recipient.user.email)]).setting(
                    "/bcc", to: [.string(copy.user.email)]))
            #expect(try await account.settled(sent)["state"] == "sent")
            for reader in [recipient, copy] {
                #expect(try await Self.verify(Self.arrival(reader), records).contains("verified example.test"))
            }
        }
        // A finished message with bare line feeds, 8-bit text and a Bcc that is taken out.
        let recipient = try await bridge.newAccount()
        let raw =
            "From: \(sender.email)\nTo: \(recipient.user.email)\nBcc: \(sender.email)\nSubject: raw\n\nGr\u{FC}\u{DF}e\n.\n \n\n"
        let submission = try await account.api.send(
            "POST", "\(account.path)/submissions", headers: [("Content-Type", "message/rfc822")], body: Array(raw.utf8)
        ).expecting(202)
        #expect(try await account.settled(submission)["state"] == "sent")
        #expect(try await Self.verify(Self.arrival(recipient), records).contains("verified"))

        // Whose From is of another domain is not signed: it would not help.
        let stranger = try await bridge.newAccount()
        let foreign = try await account.submit([
            "from": "me@example.test.evil.test", "to": [.string(stranger.user.email)], "text": "x",
            "envelope": ["mailFrom": .string(sender.email), "rcptTo": [.string(stranger.user.email)]],
        ])
        _ = try await account.settled(foreign)
        #expect(!String(decoding: try await Self.arrival(stranger), as: UTF8.self).contains("DKIM-Signature"))

        // Nothing that signs was ever shown or logged.
        let shown =
            try await account.api.get(account.path).text + account.api.get("/v1/events?account=\(account.id)").text
        #expect(shown.contains("_domainkey") && !shown.contains("PRIVATE") && !shown.contains("privateKey"))
        #expect(!bridge.process.output.contains("PRIVATE KEY"))
    }

    @Test func `keys are kept, exchanged and taken away, and no pair of keys is ever shown`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newAccount()
        let path = account.path
        let first = Self.records(try await account.api.patch(path, ["dkim": Self.both]).expecting(200))
        // The key that is named again stays, with the record as it was shown or without; what is not named goes.
        let kept = try await account.api.patch(
            path, ["dkim": [["domain": "example.test", "selector": "ed"]], "name": "Other"]
        ).expecting(200)
        #expect(Self.records(kept).map(\.value) == [first[1].value])
        let same = try await account.api.patch(path, ["dkim": kept["dkim"]]).expecting(200)
        #expect(same["updatedAt"] == kept["updatedAt"] && same["dkim"] == kept["dkim"])
        // RFC 8463, A.2.
        let given: JSONValue = [
            ["domain": "example.test", "selector": "ed", "privateKey": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="]
        ]
        let replaced = try await account.api.patch(path, ["dkim": given]).expecting(200)
        #expect(
            replaced["dkim"][0]["record"]["value"]
                == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        #expect(try await account.api.patch(path, ["dkim": .null]).expecting(200)["dkim"] == [])
        for (keys, pointer) in [
            ([["domain": "local", "selector": "a"]], "/dkim/0/domain"),
            ([["domain": "example.test", "selector": "a b"]], "/dkim/0/selector"),
            (
                [["domain": "example.test", "selector": "a"], ["domain": "EXAMPLE.test", "selector": "A"]],
                "/dkim/1/selector"
            ),
            ([["domain": "example.test", "selector": "a", "privateKey": "no key"]], "/dkim/0/privateKey"),
            (
                [
                    [
                        "domain": "example.test", "selector": "a", "algorithm": "rsa-sha256",
                        "privateKey": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
                    ]
                ], "/dkim/0/algorithm"
            ),
        ] as [(JSONValue, String)] {
            let problem = try await account.api.patch(path, ["dkim": keys]).problem(422, "invalid-request")
            #expect(problem["errors"][0]["pointer"].string == pointer, "\(problem)")
        }
    }

    @Test func `our own verification says pass, fail, permerror and temperror, each for its reason`() async throws {
        let host = try await MailHost.shared()
        let maker = try await Bridge.shared()
        let sender = try host.newUser()
        let made = try await maker.api.post("/v1/accounts", host.draft(for: sender).setting("/dkim", to: Self.both))
            .expecting(201)
        var account = MailAccount(id: try #require(made["id"].string), api: maker.api, host: host)
        account.user = sender
        let reader = try host.newUser()
        let sent = try await account.submit(["to": [.string(reader.email)], "subject": "signed", "text": "Hello"])
        _ = try await account.settled(sent)

        let records = Self.records(made)
        // The key of Ed25519 is not published.
        let names = try await NameServerProcess.start([Self.line(records[0])])
        let bridge = try await Bridge.start(host: host, settings: ["MAILBRIDGE_DNS_SERVER": "127.0.0.1:\(names.port)"])
        let mailbox = try await bridge.addAccount(of: reader)
        let raw = try await Self.arrival(mailbox)
        let text = String(decoding: raw, as: UTF8.self)
        try await mailbox.seed([SeedMessage(Array(text.replacing("Hello", with: "Hello there").utf8))])
        try await mailbox.seed([SeedMessage(TestMail.plain("unsigned"))])
        let all = try await eventually("three messages") {
            try await mailbox.list("mailbox=inbox")["data"].array
        } until: {
            $0.count == 3
        }
        var results: [[String]] = []
        for message in all {
            let path = try mailbox.message(message["id"])
            #expect(try await mailbox.api.get(path).expecting(200)["signatures"].isNull)
            let verified = try await mailbox.api.get("\(path)?verifyDkim=true").expecting(200)["signatures"].array
            results.append(verified.compactMap(\.["result"].string))
        }
        #expect(
            results.contains(["pass", "permerror"]) && results.contains(["fail", "fail"]) && results.contains([]),
            "\(results)")

        // Nobody answers there: that is no verdict on the message.
        let deaf = try await Bridge.start(host: host, settings: ["MAILBRIDGE_DNS_SERVER": "127.0.0.1:1"])
        let again = try await deaf.addAccount(of: reader)
        let signed = try await again.list("mailbox=inbox")["data"].array
        var words: Set<String> = []
        for message in signed {
            let path = try again.message(message["id"])
            let verified = try await again.api.get("\(path)?verifyDkim=true").expecting(200)["signatures"].array
            words.formUnion(verified.compactMap(\.["result"].string))
        }
        #expect(words == ["temperror", "fail"])
        withExtendedLifetime(names) {}
    }
}
