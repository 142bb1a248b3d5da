package import Model
package import Store
import Synchronization

/// Writes the audit log without keeping anybody waiting, and reads it.
///
/// Entries are gathered while the one before is written: a busy server spends one transaction on many. What was not
/// written when the process dies is lost; a graceful end writes it.
package final class AuditService: Sendable {
    private struct State {
        var entries: [AuditEntry] = []
        var writer: Task<Void, Never>?
        /// Entries that could not be written or kept.
        var lost = 0
    }

    private let store: MailStore
    private let state = Mutex(State())

    package init(store: MailStore) { self.store = store }

    /// Entries that could not be written, since the start.
    package var lostCount: Int { state.withLock { $0.lost } }

    package func note(_ entry: AuditEntry) {
        state.withLock { state in
            guard state.entries.count < Limits.auditBacklog else {
                state.lost += 1
                return
            }
            state.entries.append(entry)
            if state.writer == nil { state.writer = Task(name: "audit log") { await self.write() } }
        }
    }

    /// Returns when all that was noted before is written.
    package func flush() async {
        while let writer = state.withLock({ $0.writer }) { await writer.value }
    }

    /// Newest first.
    package func list(
        account: AccountID?, principal: String?, limit: Int, cursor: String?
    ) async throws -> Page<AuditEntry> {
        let cursor = try pageCursor(cursor)
        // Whoever did something and looks here sees it.
        await flush()
        return try await store.audit.list(account: account, principal: principal, before: cursor, limit: limit)
    }

    private func write() async {
        while true {
            let entries = state.withLock { state in
                defer { state.entries = [] }
                if state.entries.isEmpty { state.writer = nil }
                return state.entries
            }
            guard !entries.isEmpty else { return }
            do {
                try await store.audit.append(entries)
            } catch {
                state.withLock { $0.lost += entries.count }
            }
        }
    }
}
