import DKIM
import FoundationEssentials
import Testing

/// The examples of RFC 6376, appendix A, and of RFC 8463, appendix A.
@Suite struct `A DKIM signature of an RFC` {
    static func fixture(_ name: String) throws -> [UInt8] {
        let folder = String(#filePath.dropLast("KnownAnswerTests.swift".count)) + "Fixtures/"
        return [UInt8](try #require(FileManager.default.contents(atPath: folder + name)))
    }

    static let keys = [
        "brisbane._domainkey.example.com":
            "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
        "brisbane._domainkey.football.example.com":
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "test._domainkey.football.example.com":
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
    ]

    static func verdicts(
        _ message: [UInt8], pieces: Int = .max, now: Int64 = 1_600_000_000, keys: [String: String] = keys
    ) async throws -> [DKIMVerdict] {
        var verifier = DKIMVerifier()
        var start = 0
        while start < message.count {
            let end = start + min(pieces, message.count - start)
            verifier.append(Array(message[start..<end]))
            start = end
        }
        return try await verifier.verdicts(now: now) { name in .records(keys[name].map { [Array($0.utf8)] } ?? []) }
    }

    @Test(arguments: [Int.max, 1, 7, 100]) func `passes, in whatever pieces the message comes`(
        pieces: Int
    ) async throws {
        let rsa = try await Self.verdicts(Self.fixture("rfc6376-a2.eml"), pieces: pieces)
        #expect(rsa.map(\.result) == [.pass])
        #expect(rsa[0].domain == "example.com" && rsa[0].selector == "brisbane")
        #expect(rsa[0].identity == "joe@football.example.com")
        #expect(rsa[0].signedFields == ["received", "from", "to", "subject", "date", "message-id"])
        let both = try await Self.verdicts(Self.fixture("rfc8463-a3.eml"), pieces: pieces)
        #expect(both.map(\.result) == [.pass, .pass])
        #expect(both.map(\.algorithm) == ["ed25519-sha256", "rsa-sha256"])
        #expect(both[0].signedAt == 1_528_637_909)
    }

    @Test(arguments: [
        ("Is dinner ready?", "Is lunch ready?", "the signature is not of this header"),
        ("hungry", "angry", "the body was changed"),
        ("t=1528637909", "t=1528637910", "the signature is not of this header"),
        ("=\r\n Fa3bT3", "=\r\n Fa3bT4", "the signature is not of this header"),
    ]) func `fails once an octet of what it covers is another`(old: String, new: String, reason: String) async throws {
        let text = String(decoding: try Self.fixture("rfc8463-a3.eml"), as: UTF8.self)
        let changed = old.hasPrefix("=") ? text.replacing("Fa3bT3", with: "Fa3bT4") : text.replacing(old, with: new)
        #expect(changed != text)
        let verdict = try #require(try await Self.verdicts(Array(changed.utf8)).first)
        #expect(verdict.result == .fail)
        #expect(verdict.reason == reason)
    }

    @Test func `does not care how relaxed headers are folded and bodies end`() async throws {
        let text = String(decoding: try Self.fixture("rfc8463-a3.eml"), as: UTF8.self)
            .replacing("Subject: Is dinner ready?", with: "SUBJECT :  Is\r\n\tdinner   ready? ")
            .replacing("Joe.\r\n", with: "Joe.\t \r\n\r\n \r\n\r\n")
        #expect(try await Self.verdicts(Array(text.utf8)).map(\.result) == [.pass, .pass])
        // With LF alone, as some servers keep mail, it is the same message.
        #expect(try await Self.verdicts(text.utf8.filter { $0 != 0x0D }).map(\.result) == [.pass, .pass])
    }

    @Test func `does not let a second From, Subject or Date in that it closed`() async throws {
        let message = try Self.fixture("rfc8463-a3.eml")
        for name in ["From: Eve <eve@evil.example>", "Subject: Send money", "Date: Fri, 11 Jul 2025 21:00:37 -0700"] {
            let verdicts = try await Self.verdicts(Array("\(name)\r\n".utf8) + message)
            #expect(verdicts.map(\.result) == [.fail, .fail])
        }
        #expect(try await Self.verdicts(Array("X-Other: 1\r\n".utf8) + message).map(\.result) == [.pass, .pass])
    }

    /// RFC 6376, A.2, names each once: with a second one on top the signature still is of the lower, which nobody sees.
    @Test(arguments: [
        "Subject: x", "SUBJECT : x", "From: eve@evil.test", "To: x@evil.test", "Date: x", "Message-ID: <x>",
    ])
    func `does not vouch for a field that came again`(field: String) async throws {
        let message = try Self.fixture("rfc6376-a2.eml")
        let verdicts = try await Self.verdicts(Array("\(field)\r\n".utf8) + message)
        #expect(verdicts.map(\.result) == [.fail])
        #expect(verdicts.map(\.reason) == ["a field it covers came again"])
        // Traces come again at each station, and what it does not cover it does not vouch for.
        for field in ["Received: from a by b", "List-Unsubscribe: <https://evil.test/>"] {
            let verdicts = try await Self.verdicts(Array("\(field)\r\n".utf8) + message)
            #expect(verdicts.map(\.result) == [.pass] && !verdicts[0].signedFields.contains("list-unsubscribe"))
        }
    }

    @Test func `is by a key that is for that, of however many records stand there`() async throws {
        let name = "brisbane._domainkey.example.com"
        let key = try #require(Self.keys[name])
        for (records, result, reason) in [
            // The signature speaks for football.example.com.
            (["t=s; " + key.dropFirst("v=DKIM1; ".count)], DKIMResult.permerror, "the key is for its domain alone"),
            // RSA of 512 bits.
            (
                [
                    "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK24HSqFPpXTV2rEoP1/W3hDEcBkbnLE4TlZBel7Jl+lrNgUqB2KNajng1B5/1cQJUEt6LOv5BlErKwUOsO1wpkCAwEAAQ=="
                ], .policy, "the key has fewer than 1024 bits"
            ),
            (["v=spf1 -all", key, "no list"], .pass, nil),
            (["v=spf1 -all", "no list"], .permerror, "the key is no key record"),
        ] as [([String], DKIMResult, String?)] {
            var verifier = DKIMVerifier()
            verifier.append(try Self.fixture("rfc6376-a2.eml"))
            let verdicts = try await verifier.verdicts(now: 0) { _ in .records(records.map { Array($0.utf8) }) }
            #expect(verdicts.map(\.result) == [result])
            #expect(verdicts.map(\.reason) == [reason])
        }
    }

    @Test func `says temperror where the key cannot be asked for, and permerror where there is none`() async throws {
        struct Unreachable: Error {}
        let message = try Self.fixture("rfc8463-a3.eml")
        var verifier = DKIMVerifier()
        verifier.append(message)
        var copy = verifier
        let unavailable = try await verifier.verdicts(now: 0) { _ in .unavailable }
        #expect(unavailable.map(\.result) == [.temperror, .temperror])
        let thrown = try await copy.verdicts(now: 0) { _ in throw Unreachable() }
        #expect(thrown.map(\.result) == [.temperror, .temperror])
        #expect(try await Self.verdicts(message, keys: [:]).map(\.result) == [.permerror, .permerror])
    }

    @Test(
        arguments: [
            ("v=DKIM1; k=ed25519; p=", DKIMResult.permerror, "the key was revoked"),
            ("v=DKIM2; k=ed25519; p=AA==", .permerror, "the key is no DKIM1 record"),
            ("k=ed25519; v=DKIM1; p=AA==", .permerror, "the key is no DKIM1 record"),
            ("v=DKIM1; k=ed25519", .permerror, "the key record holds no key"),
            ("v=DKIM1; k=ed25519; p=AAAA", .permerror, "the key cannot be read"),
            ("v=DKIM1; k=ed25519; h=sha1; p=AAAA", .permerror, "the key is not for SHA-256"),
            ("v=DKIM1; k=ed25519; s=tlsrpt; p=AAAA", .permerror, "the key is not for mail"),
            ("v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", .permerror, "the key is of another kind"),
            ("v=spf1 -all", .permerror, "the key is no DKIM1 record"),
            ("v=DKIM1; k=ed25519; t=s:y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", .pass, nil),
        ] as [(String, DKIMResult, String?)]) func `is only as good as its key record`(
            record: String, result: DKIMResult, reason: String?
        ) async throws
    {
        var keys = Self.keys
        keys["brisbane._domainkey.football.example.com"] = record
        let verdict = try #require(try await Self.verdicts(Self.fixture("rfc8463-a3.eml"), keys: keys).first)
        #expect(verdict.result == result)
        #expect(verdict.reason == reason)
        #expect(verdict.isTesting == record.contains("t=s:y"))
    }
}
