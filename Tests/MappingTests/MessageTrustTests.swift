import MIME
import Mapping
import Model
import Testing

/// Whose word on a sender counts.
@Suite struct `An authentication report` {
    private func report(
        _ fields: String, host: String = "imap.example.org", named: [String]? = nil
    ) -> AuthenticationReport? {
        let account = Self.account(host, named)
        let text = fields.replacing("\n", with: "\r\n") + "\r\nFrom: a@outside.test\r\n\r\n"
        return AuthenticationReport(
            reading: Headers(parsing: Array(text.utf8)), believing: AuthenticationAuthorities(account))
    }

    private static func account(_ host: String, _ named: [String]?) -> Account {
        let endpoint = ServerEndpoint(host: host, port: 993, security: .tls)
        var account = Account(
            id: AccountID(rawValue: "a"), name: nil, email: "a@example.org",
            servers: [.imap: AccountServer(endpoint: endpoint)], username: nil, state: .connected, lastError: nil,
            createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0), revision: 1)
        account.authservIDs = named
        return account
    }

    static let ours = "Received: from mx.example.org by imap.example.org with LMTP; x\n"
    static let border =
        "Received: from mail.outside.test (mail.outside.test [192.0.2.1])\n\tby mx.example.org with ESMTPS; x\n"
    static let foreign = "Received: from inside.outside.test by mail.outside.test; x\n"
    static func results(_ id: String, _ result: String = "pass") -> String {
        "Authentication-Results: \(id);\n dkim=\(result) header.d=outside.test\n"
    }

    @Test func `is that of the account's own server, above and below its Received`() throws {
        for fields in [
            Self.results("mx.example.org") + Self.ours + Self.border,
            Self.ours + Self.results("mx.example.org") + Self.border,
            Self.ours + Self.border + Self.results("mx.example.org") + Self.foreign,
            Self.ours + Self.border + "Received-SPF: pass\n" + Self.results("MX.Example.ORG"),
            Self.results("mx.example.org") + Self.border, Self.results("IMAP.example.org") + Self.border,
            Self.results("imap.example.org"),
        ] {
            let found = try #require(report(fields + "DKIM-Signature: x"), "\(fields)")
            #expect(found.isLearned && found.results.map(\.method) == ["dkim"])
            #expect(found.results[0].properties.map(\.name) == ["header.d"])
        }
    }

    @Test func `is nobody's where a stranger says it`() {
        for fields in [
            Self.results("mail.outside.test"), Self.results("example.org.outside.test"), Self.results("badexample.org"),
            Self.results("org"),
            // Below the first Received of somebody else anybody can have written anything.
            Self.ours + Self.border + Self.foreign + Self.results("mx.example.org"),
            Self.foreign + Self.results("mx.example.org"),
            "Received: by mail.outside.test; x\n" + Self.results("mx.example.org"),
            // A server removes what bears its own name, not what bears that of another of its network.
            Self.border + Self.results("other.example.org"), Self.border + Self.results("imap.example.org"),
            Self.border + Self.results("example.org"), Self.results("other.example.org") + Self.border,
            // Whoever wrote that name could write a trace of it too.
            Self.border + "Received: from a by other.example.org with LMTP; x\n" + Self.results("other.example.org"),
            Self.border + Self.results("other.example.org") + "Received: from a by other.example.org; x\n",
            // And below what the sender wrote.
            "Subject: x\n" + Self.results("mx.example.org"),
        ] { #expect(report(fields + "X-Last: 1") == nil, "\(fields)") }
    }

    @Test func `is the topmost: what stands below the next Received was there before`() throws {
        let found = try #require(
            report(
                Self.results("mx.example.org", "fail") + "Authentication-Results: mx.example.org; dmarc=fail\n"
                    + Self.border
                    + Self.results("mx.example.org", "pass") + "X-Last: 1"))
        #expect(found.results.map { "\($0.method)=\($0.result)" } == ["dkim=fail", "dmarc=fail"])
        // Another of our servers has no say beside the first.
        let two = try #require(
            report(Self.results("mx.example.org", "fail") + Self.results("imap.example.org") + Self.border + "X: 1"))
        #expect(two.results.map(\.result) == ["fail"])
        // However many there are.
        let many = String(repeating: Self.results("imap.example.org"), count: 500)
        #expect(report(many + "X: 1")?.results.count == 100)
        // Who runs in circles is not followed.
        for (count, isFound) in [(100, true), (101, false)] {
            let fields = String(repeating: Self.ours, count: count) + Self.results("imap.example.org")
            #expect((report(fields + "X: 1") != nil) == isFound)
        }
    }

    @Test func `goes by who took the message, not by what the client said`() {
        for (received, isOwn) in [
            ("from by (x [192.0.2.1]) by mx.example.org with ESMTP", true),
            ("from by (x [192.0.2.1]) by mail.outside.test", false),
            ("from x (by mx.example.org \\) by mx.example.org) by mail.outside.test", false),
            ("from by mx.example.org by mail.outside.test", false),
            ("from x by mx.example.org by mail.outside.test", false),
            ("from x by mx.example.org ( by mail.outside.test", false),
            ("from =?utf-8?q?x_by_mx.example.org?= by mail.outside.test", false),
            ("from a (x) by MX.example.org(8.1)with SMTP", true),
            ("from x by mx.example.org with \(String(repeating: "x", count: 3000)) by mail.outside.test", false),
            ("from by", false), ("(qmail 1 invoked by uid 89)", false),
        ] {
            let fields = "Received: \(received); x\n" + Self.results("mx.example.org")
            #expect((report(fields + "X: 1") != nil) == isOwn, "\(received)")
        }
    }

    @Test func `is of those that the account names, and then of nobody else`() throws {
        let found = try #require(report(Self.results("filter.test") + "X: 1", named: ["Filter.Test"]))
        #expect(!found.isLearned && found.authority == "filter.test")
        #expect(report(Self.results("mx.example.org") + "X: 1", named: ["filter.test"]) == nil)
        #expect(report(Self.results("mx.example.org") + "X: 1", named: []) == nil)
        #expect(report(Self.results("sub.filter.test") + "X: 1", named: ["filter.test"]) == nil)
    }

    @Test func `learned from a host never reaches beyond its owner`() {
        #expect(report(Self.results("other.co.uk") + "X: 1", host: "firm.co.uk") == nil)
        let firm = "Received: from a by mx.firm.co.uk; x\n"
        #expect(report(firm + Self.results("mx.firm.co.uk") + "X: 1", host: "firm.co.uk") != nil)
        #expect(report(firm + Self.results("mx.firm.co.uk") + "X: 1", host: "imap.firm.co.uk") != nil)
        #expect(report(firm + Self.results("mx.firm.co.uk") + "X: 1", host: "other.co.uk") == nil)
        #expect(report(Self.results("other.org") + "X: 1", host: "example.org") == nil)
        #expect(report(Self.results("192.0.2.1") + "X: 1", host: "192.0.2.1") == nil)
        #expect(report(Self.results("mx.gmail.com") + "X: 1", host: "imap.gmail.com") == nil)
    }

    @Test func `of iCloud is one, though each method has a name of its own`() throws {
        let fields =
            Self.results("bimi.icloud.com", "skipped") + "Authentication-Results: dmarc.icloud.com; dmarc=fail\n"
        let found = try #require(report(fields + "X: 1", host: "imap.mail.me.com"))
        #expect(found.results.map(\.result) == ["skipped", "fail"] && found.authority == "bimi.icloud.com")
    }

    @Test func `of Gmail is found where Gmail puts it`() throws {
        let fields = """
            Delivered-To: a@gmail.com
            Received: by 2002:a05:6022:1bd6:b0:5c with SMTP id v22; x
            X-Received: by 2002:a17:90b:4a4f:b0:2a7 with SMTP id x; x
            ARC-Authentication-Results: i=1; mx.google.com; dkim=fail
            Return-Path: <a@outside.test>
            Received: from mail.outside.test by mx.google.com with ESMTPS id x
            Received-SPF: pass
            Authentication-Results: mx.google.com;
                   dkim=pass header.i=@outside.test;
                   spf=pass smtp.mailfrom=a@outside.test
            DKIM-Signature: v=1
            """
        let found = try #require(report(fields, host: "imap.gmail.com"))
        #expect(found.results.map(\.method) == ["dkim", "spf"])
    }
}

/// Which parts are signed or encrypted, and by what.
@Suite struct `A message's protection` {
    private func found(_ type: String, _ parts: [String] = []) -> [MessageProtection] {
        var text = "Content-Type: \(type); boundary=b\r\n\r\n"
        for part in parts { text += "--b\r\nContent-Type: \(part)\r\n\r\nx\r\n" }
        if !parts.isEmpty { text += "--b--\r\n" }
        return MessageProtection.find(in: ParsedMessage(parsing: Array(text.utf8)).root)
    }

    private func part(_ number: String) -> PartID { PartID(rawValue: number) }

    @Test func `is named as RFC 8551 and RFC 3156 say`() {
        #expect(
            found(
                "multipart/signed; protocol=\"application/pkcs7-signature\"",
                ["text/plain", "application/pkcs7-signature"])
                == [MessageProtection(.smime, .signed, part: part("1"), signature: part("2"))])
        #expect(
            found("multipart/signed", ["text/plain", "application/pgp-signature"])
                == [MessageProtection(.openpgp, .signed, part: part("1"), signature: part("2"))])
        #expect(
            found("multipart/encrypted", ["application/pgp-encrypted", "application/octet-stream"])
                == [MessageProtection(.openpgp, .encrypted, part: part("2"))])
        // What Exchange makes of it.
        #expect(
            found("multipart/mixed", ["text/plain", "application/pgp-encrypted", "application/octet-stream"])
                == [MessageProtection(.openpgp, .encrypted, part: part("3"))])
        for (type, kind) in [
            ("enveloped-data", MessageProtection.Kind.encrypted), ("authEnveloped-data", .encrypted),
            ("signed-data", .signed),
            ("compressed-data", .compressed), ("certs-only", .keys), ("other", .unknown),
        ] {
            #expect(
                found("application/pkcs7-mime; smime-type=\(type); name=smime.p7m")
                    == [MessageProtection(.smime, kind, part: part("1"))])
        }
        #expect(found("application/x-pkcs7-mime; name=certs.p7c").map(\.kind) == [.keys])
        #expect(found("application/octet-stream; name=SMIME.P7M").map(\.kind) == [.unknown])
        #expect(found("multipart/mixed", ["text/plain", "application/pgp-keys"]).map(\.kind) == [.keys])
    }

    @Test func `is not seen where there is none`() {
        #expect(found("text/plain").isEmpty)
        #expect(found("multipart/signed", ["text/plain", "application/x-other"]).isEmpty)
        #expect(found("multipart/encrypted", ["application/other", "application/octet-stream"]).isEmpty)
        #expect(found("multipart/mixed", ["text/plain", "application/octet-stream; name=a.bin"]).isEmpty)
    }

    @Test func `in a text is seen by its armour`() {
        #expect(MessageProtection.find(inText: "Hi\r\n-----BEGIN PGP MESSAGE-----  \r\n\r\nx")?.kind == .encrypted)
        #expect(MessageProtection.find(inText: "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n")?.kind == .signed)
        #expect(MessageProtection.find(inText: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n")?.kind == .keys)
        #expect(MessageProtection.find(inText: "> -----BEGIN PGP MESSAGE-----") == nil)
        #expect(MessageProtection.find(inText: "no") == nil && MessageProtection.find(inText: nil) == nil)
    }
}
