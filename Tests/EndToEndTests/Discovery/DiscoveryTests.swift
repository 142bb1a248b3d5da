import MailServers
import Testing

/// The servers of an address, found by a real name server's records and probed where they are.
@Suite(.timeLimit(.minutes(2)), .validatesAnswers)
struct DiscoveryTests {
    @Test func `SRV records lead to servers, which are probed and can be used as they are proposed`() async throws {
        let host = try await MailHost.shared()
        let (mail, submission) = (host.dovecot.ports, host.postfix.ports.submission)
        let names = try await NameServerProcess.start([
            "srv-host=_imaps._tcp.found.test,localhost,\(mail.imaps),0,1",
            "srv-host=_pop3s._tcp.found.test,localhost,\(mail.pop3s),0,1",
            "srv-host=_pop3._tcp.found.test,localhost,\(mail.pop3),0,1",
            "srv-host=_submission._tcp.found.test,localhost,\(submission),0,1",
            // Nobody is there.
            "srv-host=_submissions._tcp.found.test,localhost,1,0,1", "srv-host=_imap._tcp.found.test,.,0,0,0",
            "mx-host=found.test,mx.found.test,10",
        ])
        let authority = try TemporaryFolder("roots")
        try authority.write(host.authority.certificatePEM, to: "ca.pem")
        let bridge = try await Bridge.start(settings: [
            "MAILBRIDGE_DNS_SERVER": "127.0.0.1:\(names.port)", "MAILBRIDGE_DISCOVERY_ALLOW_PRIVATE": "true",
            "SSL_CERT_FILE": authority("ca.pem"),
        ])
        let user = try host.newUser()
        let found = try await bridge.api.post("/v1/discover", ["email": "jane@found.test"]).expecting(200)
        #expect(
            found["imap"] == [
                "host": "localhost", "port": .number(Double(mail.imaps)), "security": "tls",
                "username": "jane@found.test",
            ])
        #expect(found["pop3"]["port"].int == Int(mail.pop3s))
        #expect(found["smtp"]["port"].int == Int(submission) && found["smtp"]["security"] == "starttls")
        let candidates = found["candidates"].array
        #expect(candidates.filter { $0["isReachable"] == true }.count == 4, "\(found)")
        #expect(candidates.contains { $0["port"].int == 1 && $0["fault"].string != nil })
        #expect(candidates.allSatisfy { $0["source"] == "srv" })
        #expect(found["sources"].array.contains { $0["place"] == "_imaps._tcp.found.test" && $0["servers"].int == 1 })

        // What is proposed is what createAccount takes.
        var draft: JSONValue = [
            "email": .string(user.email),
            "credentials": ["username": .string(user.email), "password": .string(user.password)],
        ]
        for name in ["pop3", "smtp"] { draft = draft.setting("/" + name, to: found[name].removing("username")) }
        try await bridge.api.post("/v1/accounts", draft).expecting(201)
        withExtendedLifetime(names) {}
    }

    @Test func `of an address of which nothing is known nothing is proposed, in bounded time`() async throws {
        let names = try await NameServerProcess.start([])
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_DNS_SERVER": "127.0.0.1:\(names.port)"])
        let found = try await bridge.api.post(
            "/v1/discover", ["email": "jane@unknown.test"], headers: [("Prefer", "wait=10")]
        ).expecting(200)
        #expect(found["imap"].isNull && found["pop3"].isNull && found["smtp"].isNull)
        #expect(found["candidates"].array.isEmpty && found["sources"].array.count > 6)
        try await bridge.api.post("/v1/discover", ["email": "jane"]).problem(422, "invalid-request")
        withExtendedLifetime(names) {}
    }

    /// Otherwise anybody who may call this could look around in the network behind it.
    @Test func `servers at private addresses are not called unless that is allowed`() async throws {
        let host = try await MailHost.shared()
        let names = try await NameServerProcess.start([
            "srv-host=_imaps._tcp.inside.test,localhost,\(host.dovecot.ports.imaps),0,1"
        ])
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_DNS_SERVER": "127.0.0.1:\(names.port)"])
        let found = try await bridge.api.post("/v1/discover", ["email": "jane@inside.test"]).expecting(200)
        #expect(found["candidates"][0]["isReachable"] == false)
        #expect(found["candidates"][0]["fault"].string?.contains("address") == true)
        withExtendedLifetime(names) {}
    }
}
