import Model

/// Names that mail servers of a domain usually have, for the case that nobody says anything.
enum UsualNames {
    static func servers(of domain: String, mailExchange: String?, username: String) -> [DiscoveredServer] {
        func candidates(
            _ mailProtocol: MailProtocol, _ names: [String], _ ports: [(UInt16, ConnectionSecurity)]
        ) -> [DiscoveredServer] {
            let hosts = names.map { "\($0).\(domain)" } + (mailExchange.map { [$0] } ?? [])
            return ports.flatMap { port, security in
                hosts.map { host in
                    DiscoveredServer(
                        mailProtocol: mailProtocol,
                        endpoint: ServerEndpoint(host: host, port: port, security: security), username: username,
                        origin: .guess,
                        evidence: host == mailExchange ? "it receives the domain's mail" : "a usual name")
                }
            }
        }
        return candidates(.imap, ["imap", "mail"], [(993, .tls), (143, .starttls)])
            + candidates(.pop3, ["pop", "pop3", "mail"], [(995, .tls)])
            + candidates(.smtp, ["smtp", "mail"], [(465, .tls), (587, .starttls)])
    }
}
