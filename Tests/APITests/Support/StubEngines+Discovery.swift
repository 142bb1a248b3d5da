import API
import Model

extension StubEngines: DiscoveryVerbs {
    func discover(_ email: String, deadline: ContinuousClock.Instant) async throws -> Discovery {
        try note("discover \(email)")
        func server(_ port: UInt16, _ mailProtocol: MailProtocol, isReachable: Bool) -> DiscoveredServer {
            DiscoveredServer(
                mailProtocol: mailProtocol,
                endpoint: ServerEndpoint(host: "mail.example.org", port: port, security: .tls), username: email,
                origin: .srv, evidence: "_imaps._tcp.example.org", isReachable: isReachable,
                fault: isReachable ? nil : "the server refused the connection")
        }
        if email.hasSuffix("@unknown.test") { return Discovery(email: email, candidates: [], sources: []) }
        return Discovery(
            email: email, candidates: [server(993, .imap, isReachable: true), server(465, .smtp, isReachable: false)],
            sources: [DiscoverySource(origin: .srv, place: "_imaps._tcp.example.org", servers: 1)])
    }
}
