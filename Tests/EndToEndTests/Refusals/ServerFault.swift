import MailServers
import Testing

/// A way in which a server fails, and what the API makes of it.
struct ServerFault: Sendable, CustomTestStringConvertible {
    var name: String
    /// The stable word in `errors` and `lastError`.
    var code: String
    var status: Int
    var slug: String
    var state: String
    /// What is to be changed in a draft with good settings; keeps alive what it started.
    var breaking:
        @Sendable (_ draft: JSONValue, _ host: MailHost, _ mailProtocol: String) async throws -> BrokenSettings

    var testDescription: String { name }
    /// Whether only the time tells that the server fails.
    var stalls: Bool { status == 504 }
    /// Who waits in vain need not wait long; the others say at once what is wrong, however busy the machine is.
    var patience: [(String, String)] { stalls ? [("Prefer", "wait=8")] : [] }

    init(
        _ name: String, _ code: String, _ status: Int, _ slug: String, _ state: String = "unreachable",
        breaking: @escaping @Sendable (JSONValue, MailHost, String) async throws -> BrokenSettings
    ) {
        self.name = name
        self.code = code
        self.status = status
        self.slug = slug
        self.state = state
        self.breaking = breaking
    }
}

/// Settings that do not work, and the server that sees to it.
struct BrokenSettings: Sendable {
    var draft: JSONValue
    var server: (any Sendable)?
}

extension ServerFault {
    private static func scripted(_ steps: ScriptedServer.Step...)
        -> @Sendable (JSONValue, MailHost, String) throws -> BrokenSettings
    {
        { draft, _, name in
            let server = try ScriptedServer(steps)
            return BrokenSettings(draft: plaintext(draft, name, server.port), server: server)
        }
    }

    private static func plaintext(_ draft: JSONValue, _ name: String, _ port: UInt16, _ security: String = "none")
        -> JSONValue
    {
        draft.setting(
            "/\(name)", to: ["host": "127.0.0.1", "port": .number(Double(port)), "security": .string(security)])
    }

    /// Certificates need a server of their own where it is not the client that can be told to be strict.
    private static let expired = Task(name: "server with an expired certificate") {
        var mailboxes = DovecotServer.Options()
        mailboxes.certificateFlaw = .expired
        var relay = PostfixServer.Options()
        relay.certificateFlaw = .expired
        return try await MailHost.start(users: [MailUser("a@example.test")], dovecot: mailboxes, postfix: relay)
    }

    static let all = [
        ServerFault(
            "wrong password", "authentication-failed", 502, "upstream-authentication-failed", "authentication-failed"
        ) {
            BrokenSettings(
                draft: $0.setting("/\($2)/credentials", to: ["username": $0["email"], "password": "wrong"]), server: $1)
        },
        ServerFault("certificate of an unknown authority", "certificate-invalid", 502, "upstream-certificate-invalid") {
            BrokenSettings(draft: $0.setting("/\($2)/tls", to: ["verify": true]), server: $1)
        },
        ServerFault("certificate for another host", "certificate-invalid", 502, "upstream-certificate-invalid") {
            BrokenSettings(draft: $0.setting("/\($2)/tls/serverName", to: "mail.elsewhere.test"), server: $1)
        },
        ServerFault("expired certificate", "certificate-invalid", 502, "upstream-certificate-invalid") {
            draft, _, name in
            let host = try await expired.value
            let broken = host.draft(for: host.dovecot.users[0])
            return BrokenSettings(draft: draft.setting("/\(name)", to: broken[name]), server: host)
        },
        ServerFault("TLS where the server speaks none", "tls-failed", 502, "upstream-insecure") { draft, _, name in
            let server = try ScriptedServer([.send("* OK plain text\r\n220 plain text\r\n"), .stall])
            return BrokenSettings(draft: plaintext(draft, name, server.port, "tls"), server: server)
        },
        ServerFault("closed port", "connection-refused", 503, "account-unavailable") { draft, _, name in
            let closed = try LoopbackListener(listens: false)
            return BrokenSettings(draft: plaintext(draft, name, closed.port), server: closed)
        },
        ServerFault("reset at once", "disconnected", 503, "account-unavailable", breaking: scripted(.reset)),
        ServerFault("closed after the greeting", "disconnected", 503, "account-unavailable") { draft, _, name in
            let greeting = name == "imap" ? "* OK ready\r\n" : "220 ready ESMTP\r\n"
            let server = try ScriptedServer([.send(greeting), .close])
            return BrokenSettings(draft: plaintext(draft, name, server.port), server: server)
        },
        ServerFault("silence", "timed-out", 504, "upstream-timeout", breaking: scripted(.stall)),
        ServerFault("silence after the greeting", "timed-out", 504, "upstream-timeout") { draft, _, name in
            let greeting = name == "imap" ? "* OK ready\r\n" : "220 ready ESMTP\r\n"
            let server = try ScriptedServer([.send(greeting), .stall])
            return BrokenSettings(draft: plaintext(draft, name, server.port), server: server)
        },
        ServerFault("silence instead of TLS", "timed-out", 504, "upstream-timeout") { draft, _, name in
            let server = try ScriptedServer([.stall])
            return BrokenSettings(draft: plaintext(draft, name, server.port, "tls"), server: server)
        },
        ServerFault(
            "another protocol", "protocol-violation", 502, "upstream-error",
            breaking: scripted(.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), .stall)),
        ServerFault(
            "noise", "protocol-violation", 502, "upstream-error",
            breaking: scripted(.sendBytes([0, 255, 13, 10, 27, 200, 10, 13, 10, 0, 0, 42, 13, 10]), .stall)),
        ServerFault("no STARTTLS offered", "starttls-unavailable", 502, "upstream-insecure") { draft, _, name in
            let script: [ScriptedServer.Step] =
                name == "imap"
                ? [
                    .send("* OK ready\r\n"), .expect("CAPABILITY"),
                    .send("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%TAG% OK done\r\n"), .stall,
                ] : [.send("220 ready\r\n"), .expect("EHLO"), .send("250-here\r\n250 AUTH PLAIN\r\n"), .stall]
            let server = try ScriptedServer(script)
            return BrokenSettings(draft: plaintext(draft, name, server.port, "starttls"), server: server)
        },
    ]
}
