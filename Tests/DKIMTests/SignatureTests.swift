import DKIM
import Testing
import Wire

/// What we sign, and what others may write into a signature.
@Suite struct `A DKIM signature` {
    static let message = """
        From: Ann <ann@example.org>
        To: bob@example.net
        Subject: Hello
        Date: Fri, 11 Jul 2025 21:00:37 -0700
        Message-ID: <1@example.org>
        List-Help: <https://example.org/h>
        List-Unsubscribe: <https://example.org/u>
        List-Unsubscribe-Post: List-Unsubscribe=One-Click

        One  line

        and another.
        """.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n"

    static func key(_ algorithm: DKIMAlgorithm, selector: String = "mail") throws -> DKIMKey {
        try DKIMKey(makingFor: "example.org", selector: selector, algorithm)
    }

    static func signed(_ message: String, _ keys: [DKIMKey], now: Int64 = 1000) throws -> String {
        var signer = DKIMSigner(keys)
        for octet in message.utf8 { signer.append([octet]) }
        return String(decoding: try signer.finish(now: now), as: UTF8.self) + message
    }

    static func verdicts(_ message: String, _ keys: [DKIMKey], now: Int64 = 2000) async throws -> [DKIMVerdict] {
        var records: [String: String] = [:]
        for key in keys {
            records["\(key.selector)._domainkey.\(key.domain)"] =
                "v=DKIM1; k=\(key.algorithm.keyType); p=\(key.publicKey)"
        }
        return try await `A DKIM signature of an RFC`.verdicts(Array(message.utf8), now: now, keys: records)
    }

    @Test func `of ours passes, one of each kind side by side, and covers what one-click unsubscription demands`()
        async throws
    {
        let keys = [try Self.key(.rsaSHA256), try Self.key(.ed25519SHA256, selector: "ed")]
        let signed = try Self.signed(Self.message, keys)
        let verdicts = try await Self.verdicts(signed, keys)
        #expect(verdicts.map(\.result) == [.pass, .pass])
        #expect(verdicts.map(\.algorithm) == ["rsa-sha256", "ed25519-sha256"])
        #expect(verdicts[0].signedFields.filter { $0 == "from" }.count == 2)
        #expect(verdicts[0].signedFields.contains("list-unsubscribe-post"))
        // RFC 5322, 2.1.1: no line of it is too long.
        let lines = signed.split(separator: "\r\n").prefix { !$0.hasPrefix("From:") }
        #expect(lines.allSatisfy { $0.utf8.count <= 78 } && lines.count > 8)
        for field in [
            "From: eve@example.net", "Reply-To: eve@example.net", "Content-Type: text/html",
            "List-Unsubscribe: <https://evil.test/>", "List-Unsubscribe-Post: x",
            "List-Help: <https://evil.test/>",
        ] {
            #expect(try await Self.verdicts(field + "\r\n" + signed, keys).map(\.result) == [.fail, .fail])
        }
        #expect(
            try await Self.verdicts("Received: from a by b\r\nSender: l@b\r\nList-Id: <l.b>\r\n" + signed, keys)
                .map(\.result) == [.pass, .pass])
        // Closed is what is there once more often than it is there.
        for name in ["list-help", "list-unsubscribe", "list-unsubscribe-post"] {
            #expect(verdicts[0].signedFields.filter { $0 == name }.count == 2)
        }
    }

    @Test(arguments: ["", "\r\n", "\r\n\r\n\r\n", "a", "a \t \r\n\r\n", " \r\n", ".\r\n..\r\n", "a\rb\r\n"])
    func `of any body passes`(body: String) async throws {
        let key = try Self.key(.ed25519SHA256)
        let signed = try Self.signed("From: ann@example.org\r\n\r\n" + body, [key])
        #expect(try await Self.verdicts(signed, [key]).map(\.result) == [.pass])
    }

    @Test func `of a message without a body passes`() async throws {
        let key = try Self.key(.ed25519SHA256)
        let signed = try Self.signed("From: ann@example.org\r\n", [key])
        #expect(try await Self.verdicts(signed, [key]).map(\.result) == [.pass])
    }

    /// The field as others could have written it: what it says is looked at before any key is.
    @Test(arguments: [
        ("v=1; a=rsa-sha1; d=example.org; s=mail; h=from; bh=AAAA; b=AAAA", DKIMResult.policy),
        ("v=1; a=rsa-md5; d=example.org; s=mail; h=from; bh=AAAA; b=AAAA", .neutral),
        ("v=2; a=rsa-sha256; d=example.org; s=mail; h=from; bh=AAAA; b=AAAA", .neutral),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=to; bh=AAAA; b=AAAA", .permerror),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; i=@example.net; bh=AAAA; b=AAAA", .permerror),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; i=@badexample.org; bh=AAAA; b=AAAA", .permerror),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; q=web; bh=AAAA; b=AAAA", .permerror),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; c=loose; bh=AAAA; b=AAAA", .neutral),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; l=ten; bh=AAAA; b=AAAA", .neutral),
        ("v=1; a=rsa-sha256; d=example.org; d=example.net; s=mail; h=from; bh=AAAA; b=AAAA", .neutral),
        ("v=1; a=rsa-sha256; d=..; s=mail; h=from; bh=AAAA; b=AAAA", .neutral),
        // Names of their own, but none together: 254 octets.
        (
            "v=1; a=rsa-sha256; d=example.org; s=\(String(repeating: "s.", count: 115))s; h=from; bh=AAAA; b=AAAA",
            .neutral
        ),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; t=20; x=10; bh=AAAA; b=AAAA", .neutral),
        ("v=1; a=rsa-sha256; d=example.org; s=mail; h=from; bh=AAAA; b=A*A", .neutral), ("nonsense", .neutral),
    ]) func `that is not as it should be is never asked a key for`(field: String, result: DKIMResult) async throws {
        var verifier = DKIMVerifier()
        verifier.append(Array("DKIM-Signature: \(field)\r\nFrom: a@example.org\r\n\r\nText\r\n".utf8))
        var asked = 0
        let verdicts = try await verifier.verdicts(now: 0) { _ in
            asked += 1
            return .unavailable
        }
        #expect(verdicts.map(\.result) == [result])
        #expect(verdicts[0].reason != nil && asked == 0)
    }

    /// In the order in which it is found out, none of it by a key.
    @Test(arguments: [
        ("h=from; x=10", 10, DKIMResult.fail, "the signature has expired"),
        ("h=from; x=10", 9, .fail, "the body was changed"),
        ("h=from; l=7", 0, .fail, "the body is shorter than what was signed"),
        ("h=from; l=6", 0, .fail, "the body was changed"),
        ("h=from; " + (0..<57).map { "t\($0)=;" }.joined(), 0, .fail, "the body was changed"),
        ("h=from; " + (0..<58).map { "t\($0)=;" }.joined(), 0, .neutral, "is no list of tags"),
    ]) func `is refused with the reason`(
        tags: String, now: Int64, result: DKIMResult, reason: String
    ) async throws {
        var verifier = DKIMVerifier()
        let field = "DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s; bh=AAAA; b=AAAA; \(tags)"
        verifier.append(Array("\(field)\r\nFrom: a@a.test\r\n\r\nText\r\n".utf8))
        let verdicts = try await verifier.verdicts(now: now) { _ in .unavailable }
        #expect(verdicts.map(\.result) == [result])
        #expect(verdicts.map(\.reason) == [reason])
    }

    /// Readers may take what comes behind such a line for the body.
    @Test(arguments: [
        ("", DKIMResult.fail), ("From a@a.test Mon Jan  1 10:00:00 2024\r\n", .fail), ("Buy\r\nnow\r\n", .neutral),
        ("Buy now: here\r\n", .neutral), ("\u{C4}: x\r\n", .neutral), ("X-Blank : x\r\n", .fail),
    ]) func `is not looked at where a line of the header is no field`(line: String, result: DKIMResult) async throws {
        for header in [line + Self.unsigned, Self.unsigned + (line.hasPrefix("From ") ? "" : line)] {
            var verifier = DKIMVerifier()
            verifier.append(Array("\(header)\r\nText\r\n".utf8))
            #expect(try await verifier.verdicts(now: 0) { _ in .unavailable }.map(\.result) == [result])
        }
    }

    private static let unsigned =
        "DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s; h=from; bh=AAAA; b=AAAA\r\nFrom: a@a.test\r\n"

    @Test func `beyond the fifth is not looked at, and a header without end is given up`() async throws {
        var verifier = DKIMVerifier()
        verifier.append(Array((String(repeating: "DKIM-Signature: x\r\n", count: 9) + "\r\n").utf8))
        #expect(try await verifier.verdicts(now: 0) { _ in .unavailable }.count == 5)
        var endless = DKIMVerifier()
        let line = Array("DKIM-Signature: \(String(repeating: "x", count: 80_000))\r\n".utf8)
        for _ in 0..<30 { endless.append(line) }
        let verdicts = try await endless.verdicts(now: 0) { _ in .unavailable }
        #expect(verdicts.map(\.result) == [.neutral])
        #expect(verdicts.map(\.reason) == ["the header is too large"])
    }

    @Test(arguments: DKIMAlgorithm.allCases) func `is made with the same key after that was stored`(
        algorithm: DKIMAlgorithm
    ) async throws {
        let key = try Self.key(algorithm)
        let again = try #require(DKIMKey(key.text, domain: key.domain, selector: key.selector))
        #expect(again.publicKey == key.publicKey && again.algorithm == algorithm)
        #expect("\(key.text)" == "<secret>")
        #expect(
            DKIMKey(Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"), domain: "a", selector: "b")
                == nil)
    }

    /// RFC 8463, A.2: the private key in base64; and the same as OpenSSL writes it.
    @Test(arguments: [
        "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n",
    ]) func `key of Ed25519 is read in both its forms`(text: String) throws {
        let key = try #require(DKIMKey(Secret(text), domain: "football.example.com", selector: "brisbane"))
        #expect(key.publicKey == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    }
}
