package import Model

/// An SRV record.
package struct ServiceRecord: Sendable, Equatable {
    package var priority: UInt16
    package var weight: UInt16
    package var port: UInt16
    /// Empty where the service is said not to be there.
    package var target: String

    package init(priority: UInt16, weight: UInt16, port: UInt16, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// Why a source gave nothing, in words for people.
package struct DiscoveryFault: Error, Sendable, Equatable {
    package var text: String

    package init(_ text: String) { self.text = text }
}

/// How the world outside is asked; the composition root lends these.
///
/// Each of them is bounded in time and size, and dials only addresses that may be dialled.
package struct DiscoverySources: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package var services: @Sendable (_ name: String, Instant) async throws(DiscoveryFault) -> [ServiceRecord]
    /// Hosts that receive the domain's mail, best first.
    package var mailExchanges: @Sendable (_ domain: String, Instant) async throws(DiscoveryFault) -> [String]
    /// The content behind a URL.
    package var file: @Sendable (_ url: String, Instant) async throws(DiscoveryFault) -> [UInt8]
    /// Nil where the server greets us under TLS.
    package var probe: @Sendable (MailProtocol, ServerEndpoint, Instant) async -> DiscoveryFault?

    package init(
        services: @escaping @Sendable (String, Instant) async throws(DiscoveryFault) -> [ServiceRecord],
        mailExchanges: @escaping @Sendable (String, Instant) async throws(DiscoveryFault) -> [String],
        file: @escaping @Sendable (String, Instant) async throws(DiscoveryFault) -> [UInt8],
        probe: @escaping @Sendable (MailProtocol, ServerEndpoint, Instant) async -> DiscoveryFault?
    ) {
        self.services = services
        self.mailExchanges = mailExchanges
        self.file = file
        self.probe = probe
    }
}
