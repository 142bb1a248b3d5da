import Model

/// The SRV names of mail (RFC 6186, 3; RFC 8314, 5.1), and what their records mean.
enum ServiceNames {
    static let all: [(name: String, mailProtocol: MailProtocol, security: ConnectionSecurity)] = [
        ("_imaps._tcp", .imap, .tls), ("_imap._tcp", .imap, .starttls), ("_pop3s._tcp", .pop3, .tls),
        ("_pop3._tcp", .pop3, .starttls), ("_submissions._tcp", .smtp, .tls), ("_submission._tcp", .smtp, .starttls),
    ]

    /// The servers that records name, the one to try first first; none where the service is said not to be there.
    ///
    /// Of equal priority the heavier come first: RFC 2782 would have chance decide, which spreads load and helps nobody to choose.
    static func servers(
        _ records: [ServiceRecord], _ mailProtocol: MailProtocol, _ security: ConnectionSecurity, username: String,
        evidence: String
    ) -> [DiscoveredServer] {
        records.filter { DomainName.isHost($0.target.lowercased()) && $0.port > 0 }
            .sorted { ($0.priority, UInt16.max - $0.weight) < ($1.priority, UInt16.max - $1.weight) }
            .prefix(Limits.discoveredServers)
            .map { record in
                DiscoveredServer(
                    mailProtocol: mailProtocol,
                    endpoint: ServerEndpoint(host: record.target.lowercased(), port: record.port, security: security),
                    username: username, origin: .srv, evidence: evidence)
            }
    }
}
