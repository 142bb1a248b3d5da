import IMAP
import Logging
import MailClient
import Model
import Store
import Synchronization

/// Hears what happens and looks where it happened, until the connection ends.
struct WatchLoop {
    let sync: AccountSync
    let watch: IMAPWatch
    let tier: SyncTier
    let pokes: Pokes

    /// What a wait ended with.
    private enum News {
        /// Something in the watched mailbox.
        case watched
        /// Something in others, or somebody who knows more asked for a look.
        case anywhere
        case nothing
    }

    func run(_ first: AccountPass.Target, needsBackfill: @Sendable () -> Void) async throws {
        var watched = first
        let notifies = try await notify()
        sync.board.enter(.watching, sync.account)
        let mode: SyncStatus.Watching =
            notifies ? .notify : await watch.capabilities.contains(.idle) ? .idle : .polling
        sync.board.update(sync.account) { $0.watching = mode }
        // Accounts that were connected together must not ask together ever after.
        var reconcileAt = ContinuousClock.now + Limits.reconcileInterval * Double.random(in: 0.8...1.2)
        while !Task.isCancelled {
            let news = try await wait(sync.pollInterval * Double.random(in: 0.9...1.1))
            let isThorough = ContinuousClock.now >= reconcileAt
            if news == .watched, !isThorough {
                if let record = try await look(at: watched) {
                    watched.record = record
                    continue
                }
                // A move is a copy and a removal even inside a server: the other half is given time to be seen in the same pass.
                try await ContinuousClock().sleep(for: Limits.moveTime)
            }
            if news == .nothing, notifies, !isThorough {
                // Nothing was to be heard; that the server ended the IDLE shows that it lives.
                sync.board.update(sync.account) { status in
                    status.lastContactAt = .now()
                    status.lastCheckedAt = .now()
                }
                continue
            }
            let pass = AccountPass(sync: sync, session: watch.lease(until: .now + Limits.lookTime * 10), tier: tier)
            let result = try await pass.run(isThorough: isThorough)
            if isThorough {
                reconcileAt = .now + Limits.reconcileInterval * Double.random(in: 0.8...1.2)
            }
            watched = result.watched
            if result.needsBackfill { needsBackfill() }
        }
    }

    // MARK: Hearing

    /// Asks for news of all mailboxes; false where the server has no NOTIFY or does not want to.
    private func notify() async throws -> Bool {
        guard sync.usesNotify, await watch.capabilities.contains(.notify) else { return false }
        let events: [NotifyCommand.Event] = [.messageNew(), .messageExpunge, .flagChange]
        do {
            try await watch.lease(until: .now + Limits.patience).execute(
                NotifyCommand([.init(.selected, events), .init(.personal, events + [.mailboxName])]))
            return true
        } catch {
            guard case .rejected = error else { throw error }
            return false
        }
    }

    private func wait(_ time: Duration) async throws -> News {
        let heard = Heard()
        if pokes.take(sync.account) { return .anywhere }
        let watch = watch
        pokes.onPoke(sync.account) { Task(name: "poke") { await watch.interrupt() } }
        defer { pokes.onPoke(sync.account, nil) }
        try await watch.idle(until: .now + time, polling: sync.pollInterval, patience: sync.patience) { response in
            heard.note(response)
        }
        if pokes.take(sync.account) { return .anywhere }
        return heard.news
    }

    /// What came while the session idled; it is noted on the connection's loop.
    private final class Heard: Sendable {
        private let state = Mutex(News.nothing)

        var news: News { state.withLock { $0 } }

        func note(_ response: UntaggedResponse) -> IMAPConnection.Idling {
            switch response {
            case .exists, .expunge, .vanished, .fetch:
                state.withLock { if $0 == .nothing { $0 = .watched } }
                return .leave
            case .status, .list:
                state.withLock { $0 = .anywhere }
                return .leave
            default: return .stay
            }
        }
    }

    // MARK: Looking

    /// The watched mailbox alone, which is what a new message needs; nil where what is seen may be half of a move.
    private func look(at watched: AccountPass.Target) async throws -> MailboxRecord? {
        var record = watched.record
        let (store, number) = (sync.store, record.number)
        while true {
            let look = MailboxLook(
                session: watch.lease(until: .now + Limits.lookTime), name: watched.name, record: record, tier: tier
            ) { try await store.sync.knownUIDs(in: number) }
            guard let finding = try await look.run(ObservedMailbox(), isThorough: true) else { return record }
            if finding.isReset || !finding.change.vanished.isEmpty
                || finding.change.cursor.isBackfilling && record.isNew
            {
                return nil
            }
            let arrived = finding.change.arrived.map(\.identity.email)
            if !arrived.isEmpty {
                let elsewhere = try await sync.store.index.places(of: arrived, in: sync.account)
                if elsewhere.values.contains(where: { $0.contains { $0.mailbox != record.id } }) { return nil }
            }
            if !finding.change.isIdle { try await sync.commit([finding.change]) }
            sync.board.update(sync.account) { $0.lastContactAt = .now() }
            let current = try await sync.store.sync.mailboxes(of: sync.account).first { $0.number == number }
            guard let current else { return nil }
            record = current
            if !finding.hasMore { return record }
        }
    }
}

extension SyncTier {
    /// The best the server has, switched on where that is needed.
    static func enabled(on watch: IMAPWatch) async throws -> SyncTier {
        let capabilities = await watch.capabilities
        if capabilities.contains(.qresync), capabilities.contains(.enable) {
            do {
                _ = try await watch.lease(until: .now + Limits.patience).execute(EnableCommand([.qresync]))
                if await watch.enabled.contains(.qresync) { return .qresync }
            } catch {
                guard case .rejected = error else { throw error }
            }
        }
        return capabilities.contains(.condStore) ? .condStore : .plain
    }
}
