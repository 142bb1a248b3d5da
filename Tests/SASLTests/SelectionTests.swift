import SASL
import Testing
import Wire

@Suite struct SelectionTests {
    private let password = SASLCredentials.password(username: "tim", password: Secret("x"))
    private let token = SASLCredentials.token(username: "tim", token: Secret("t"), host: "h", port: 1)
    private static let bound = SASLChannel(
        isEncrypted: true, bindings: [ChannelBinding(name: "tls-exporter", data: [1])])

    @Test(arguments: [
        ("PLAIN LOGIN", "PLAIN"), ("login plain", "PLAIN"), ("LOGIN", "LOGIN"), ("GSSAPI Login", "LOGIN"),
        ("PLAIN CRAM-MD5", "CRAM-MD5"), ("SCRAM-SHA-1 CRAM-MD5 PLAIN", "SCRAM-SHA-1"),
        ("SCRAM-SHA-1 SCRAM-SHA-256 PLAIN", "SCRAM-SHA-256"),
        ("SCRAM-SHA-256 SCRAM-SHA-1-PLUS PLAIN", "SCRAM-SHA-1-PLUS"),
        ("SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS"), ("XOAUTH2 PLAIN", "PLAIN"),
        ("EXTERNAL PLAIN", "PLAIN"),
    ]) func `takes the strongest both know`(offered: String, name: String) throws {
        let chosen = try SASLSelection.mechanism(
            offered: offered.split(separator: " ").map(String.init), credentials: password, channel: Self.bound)
        #expect(chosen.name == name)
    }

    @Test func `a token has its own mechanisms, and so has a certificate`() throws {
        func name(_ credentials: SASLCredentials, _ offered: String...) throws -> String {
            try SASLSelection.mechanism(offered: offered, credentials: credentials, channel: .encrypted).name
        }
        #expect(try name(token, "XOAUTH2", "OAUTHBEARER") == "OAUTHBEARER")
        #expect(try name(token, "PLAIN", "XOAUTH2") == "XOAUTH2")
        #expect(try name(.certificate(authorizationID: ""), "PLAIN", "EXTERNAL") == "EXTERNAL")
        #expect(throws: SASLError.noCommonMechanism(offered: ["PLAIN"])) { try name(token, "PLAIN") }
        #expect(throws: SASLError.noCommonMechanism(offered: ["PLAIN"])) {
            try name(.certificate(authorizationID: ""), "PLAIN")
        }
    }

    /// By `y` an honest server learns that its list was changed; said to one that did offer, it would end the login.
    @Test func `tells the server what it saw of channel binding`() throws {
        func header(_ offered: [String], _ channel: SASLChannel) throws -> UInt8? {
            var scram = try SASLSelection.mechanism(offered: offered, credentials: password, channel: channel)
            return try scram.initialResponse()?.first
        }
        #expect(try header(["SCRAM-SHA-256"], Self.bound) == UInt8(ascii: "y"))
        #expect(try header(["SCRAM-SHA-256"], .encrypted) == UInt8(ascii: "n"))
        #expect(try header(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], .encrypted) == UInt8(ascii: "n"))
        #expect(try header(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], Self.bound) == UInt8(ascii: "p"))
        #expect(try header(["SCRAM-SHA-1", "SCRAM-SHA-512-PLUS"], Self.bound) == UInt8(ascii: "n"))
    }

    @Test func `shows no password and no token without TLS unless allowed`() throws {
        for (credentials, offered) in [(password, "PLAIN"), (token, "OAUTHBEARER")] {
            #expect(throws: SASLError.refusedInClear) {
                try SASLSelection.mechanism(offered: [offered], credentials: credentials, channel: .clear)
            }
            let channel = SASLChannel(isEncrypted: false, allowsClearText: true)
            let chosen = try SASLSelection.mechanism(offered: [offered], credentials: credentials, channel: channel)
            #expect(chosen.name == offered)
        }
        let hidden = try SASLSelection.mechanism(
            offered: ["PLAIN", "SCRAM-SHA-1"], credentials: password, channel: .clear)
        #expect(hidden.name == "SCRAM-SHA-1")
    }

    @Test func `shows the password after a refused mechanism only under TLS`() throws {
        let scram = try SASLExchange(
            SCRAM(.sha256, username: "tim", password: Secret("x")), sendsInitialResponse: true)
        #expect(SASLStage.first.next(after: scram, on: .encrypted) == .passwordOnly)
        #expect(SASLStage.first.next(after: scram, on: .clear) == nil)
        let plain = try SASLExchange(PLAIN(username: "tim", password: Secret("x")), sendsInitialResponse: true)
        #expect(SASLStage.first.next(after: plain, on: .encrypted) == nil)
        let chosen = try SASLSelection.mechanism(
            offered: ["SCRAM-SHA-256", "PLAIN"], credentials: password, channel: .encrypted, stage: .passwordOnly)
        #expect(chosen.name == "PLAIN")
    }

    @Test func `tries another binding, then none, where the server refuses one before it asks for anything`() throws {
        let offered = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]
        let names = ["tls-exporter", "tls-server-end-point"]
        let channel = SASLChannel(isEncrypted: true, bindings: names.map { ChannelBinding(name: $0, data: [1]) })
        var stage = SASLStage.first
        for name in names {
            var exchange = try exchange(offered, channel, stage)
            let first = try #require(exchange.initialLine.flatMap { Base64.decode($0.span) })
            #expect(String(decoding: first, as: UTF8.self).hasPrefix("p=\(name),"))
            let next = stage.next(after: exchange, on: channel)
            // Once it was answered, the password may be what is wrong.
            _ = try? exchange.respond(toLine: Array("cj14".utf8))
            #expect(stage.next(after: exchange, on: channel) == .passwordOnly)
            stage = try #require(next)
        }
        #expect(stage == .unbound)
        let unbound = try exchange(offered, channel, stage)
        #expect(unbound.name == "SCRAM-SHA-256" && stage.next(after: unbound, on: channel) == .passwordOnly)
    }

    private func exchange(_ offered: [String], _ channel: SASLChannel, _ stage: SASLStage) throws -> SASLExchange {
        try SASLExchange(
            SASLSelection.mechanism(offered: offered, credentials: password, channel: channel, stage: stage),
            sendsInitialResponse: true)
    }

    @Test func `names what the server offered when nothing fits`() {
        #expect(throws: SASLError.noCommonMechanism(offered: ["GSSAPI"])) {
            try SASLSelection.mechanism(offered: ["GSSAPI"], credentials: password, channel: .encrypted)
        }
        let delegated = SASLCredentials.password(username: "tim", password: Secret("x"), authorizationID: "ann")
        #expect(throws: SASLError.noCommonMechanism(offered: ["LOGIN", "CRAM-MD5"])) {
            try SASLSelection.mechanism(offered: ["LOGIN", "CRAM-MD5"], credentials: delegated, channel: .encrypted)
        }
    }
}
