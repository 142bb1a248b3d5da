package import Events
package import Model
package import Wire

/// The verbs on the event log; see `EventService`.
package protocol EventVerbs: Sendable {
    func ends() async throws -> EventLogEnds
    func page(after: Int64, filter: EventFilter, limit: Int) async throws -> EventPage
    var rings: UInt64 { get }
    func wait(after seen: UInt64, until time: ContinuousClock.Instant) async
    func ring()
    var isClosing: Bool { get }
    func makeTicket(
        for principal: Principal, accounts: Set<AccountID>?
    ) async throws -> (secret: Secret, expiresAt: Timestamp)
    func principal(ticket: String) async throws -> Principal?
    func isActive(_ principal: Principal) async throws -> Bool
}

extension EventService: EventVerbs {}
