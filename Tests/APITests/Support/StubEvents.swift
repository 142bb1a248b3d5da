import API
import Model
import Store
import Synchronization
import Wire

/// An event log in memory.
final class StubEvents: EventVerbs {
    private struct State {
        var events: [Event] = []
        var oldest: Int64 = 1
        var isClosing = false
        var ended: Set<String> = []
        var tickets: [String: Principal] = [:]
    }

    private let state = Mutex(State())
    private let signal = EventSignal()

    @discardableResult
    func append(_ type: EventType, of account: String? = "acc_1", _ data: String = "{}") -> Event {
        let event = state.withLock { state in
            let sequence = state.oldest + Int64(state.events.count)
            let event = Event(
                id: EventID(rawValue: "evt_\(sequence)"), sequence: sequence, type: type, timestamp: Sample.time,
                accountID: account.map(AccountID.init(rawValue:)), data: Array(data.utf8))
            state.events.append(event)
            return event
        }
        signal.ring()
        return event
    }

    func expire(_ count: Int) {
        state.withLock { state in
            state.events.removeFirst(count)
            state.oldest += Int64(count)
        }
    }

    /// As if so many events had come, and all that there are had been removed, before anybody looked.
    func outrun(_ count: Int) {
        state.withLock { state in
            state.oldest += Int64(state.events.count + count)
            state.events = []
        }
        signal.ring()
    }

    /// Ends the token with this bearer.
    func end(_ bearer: String) {
        state.withLock { _ = $0.ended.insert(bearer) }
        signal.ring()
    }

    func close() {
        state.withLock { $0.isClosing = true }
        signal.ring()
    }

    func ends() async throws -> EventLogEnds {
        state.withLock { EventLogEnds(oldest: $0.oldest, newest: $0.oldest + Int64($0.events.count) - 1) }
    }

    func page(after: Int64, filter: EventFilter, limit: Int) async throws -> EventPage {
        let ends = try await ends()
        try ends.check(after)
        let found = state.withLock { $0.events }.filter { $0.sequence > after && filter.matches($0) }.prefix(limit)
        let next = found.count == limit ? found.last?.sequence : nil
        return EventPage(events: Array(found), next: next ?? ends.newest, ends: ends)
    }

    var rings: UInt64 { signal.rings }
    func wait(after seen: UInt64, until time: ContinuousClock.Instant) async {
        await signal.wait(after: seen, until: time)
    }
    func ring() { signal.ring() }
    var isClosing: Bool { state.withLock { $0.isClosing } }

    func makeTicket(
        for principal: Principal, accounts: Set<AccountID>?
    ) async throws -> (secret: Secret, expiresAt: Timestamp) {
        var holder = principal
        holder.accounts = accounts ?? principal.accounts
        holder.scopes = [.events]
        state.withLock { $0.tickets["mbt_ticket"] = holder }
        return (Secret("mbt_ticket"), Sample.time)
    }

    func principal(ticket: String) async throws -> Principal? { state.withLock { $0.tickets[ticket] } }
    func isActive(_ principal: Principal) async throws -> Bool {
        state.withLock { !$0.ended.contains(principal.id) }
    }
}
