import Accounts
import HTTPClient
import MailClient
import Model
import Transport

/// Discovery with what it stands on: a name server, an HTTP client and a dialler of its own, which call no address that a stranger must
/// not make us call.
struct DiscoveryParts {
    let files: ConfigurationFiles
    let service: DiscoveryService

    init(_ settings: Settings, loops: EventLoopGroup) {
        let nameServer = settings.nameServer
        let addresses = AddressPolicy(allowsLocal: settings.discoveryAllowPrivate)
        let files = ConfigurationFiles(loops: loops, addresses: addresses, nameServer: nameServer)
        let dialer = MailDialer(Dialer(nameServer: nameServer) { addresses.allows($0.ip) })
        self.files = files
        service = DiscoveryService(
            sources: DiscoverySources(
                services: { name, end throws(DiscoveryFault) in
                    try await Self.records(name, .service, nameServer, loops, end).compactMap { record in
                        guard case .service(let priority, let weight, let port, let target) = record else { return nil }
                        return ServiceRecord(priority: priority, weight: weight, port: port, target: target)
                    }
                },
                mailExchanges: { domain, end throws(DiscoveryFault) in
                    try await Self.records(domain, .mailExchange, nameServer, loops, end)
                        .compactMap { record -> (UInt16, String)? in
                            guard case .mailExchange(let preference, let host) = record else { return nil }
                            return (preference, host)
                        }.sorted { $0 < $1 }.map(\.1)
                },
                file: { url, end throws(DiscoveryFault) in try await files.content(of: url, until: end) },
                probe: { mailProtocol, endpoint, end in
                    await ServerProbe.run(
                        mailProtocol, endpoint, dialer: dialer, on: loops.next(), deadline: Deadline(end)
                    ).map { DiscoveryFault("\($0)") }
                }), directory: settings.discoveryDirectory)
    }

    private static func records(
        _ name: String, _ type: DNSRecordType, _ nameServer: NameServer, _ loops: EventLoopGroup,
        _ end: ContinuousClock.Instant
    ) async throws(DiscoveryFault) -> [DNSRecord] {
        do throws(TransportError) {
            return try await nameServer.records(name, type, on: loops.next(), deadline: Deadline(end))
        } catch {
            throw DiscoveryFault("\(error)")
        }
    }
}
