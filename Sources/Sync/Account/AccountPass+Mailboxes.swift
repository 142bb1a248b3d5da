import IMAP
import MailClient
import Mapping
import Model
import Store

/// Which mailboxes there are, and which of them are looked at.
extension AccountPass {
    func mailboxes(
        _ firstSynced: Timestamp?
    ) async throws -> (targets: [Target], watched: Target, deleted: [MailboxRecord]) {
        let rules = sync.rules
        let items = StatusItem.counts + [.highestModificationSequence]
        let (listings, subscribed) = try await session.listing(
            of: sync.account, sync.sessions.listingHabits, status: items)
        guard listings.contains(where: \.isSelectable) else { throw SyncError.noMailboxes }
        let stored = try await sync.store.sync.mailboxes(of: sync.account)
        var ids = Dictionary(stored.map { ($0.path, $0.id) }, uniquingKeysWith: { first, _ in first })
        let unknown = listings.filter { $0.isSelectable && ids[$0.name.text] == nil }.map(\.name)
        let objectIDs = Dictionary(
            try await session.objectIDs(of: unknown).map { ($0.key.text, $0.value) },
            uniquingKeysWith: { first, _ in first })
        for (path, id) in objectIDs { ids[path] = MailboxID(path: path, objectID: id) }
        let observed = Dictionary(
            listings.map { ($0.name.text, ObservedMailbox($0.status)) }, uniquingKeysWith: { first, _ in first })
        var directory = MailboxDirectory(listings: listings, subscribed: subscribed, ids: ids, roles: rules.roles)
        var plan = ListingPlan(stored: stored, directory: directory, observed: observed, ids: objectIDs)
        if !plan.renamed.isEmpty {
            // What lies inside a renamed mailbox names it by the id that it keeps.
            for (path, record) in plan.renamed { ids[path] = record.id }
            directory = MailboxDirectory(listings: listings, subscribed: subscribed, ids: ids, roles: rules.roles)
            plan = ListingPlan(stored: stored, directory: directory, observed: observed, ids: objectIDs)
        }
        if !plan.change.isEmpty {
            let account = sync.account
            _ = try await sync.store.sync.commit(plan.change, sync.lease) { outcome in
                EventPlan.events(for: outcome, isFirst: firstSynced == nil, of: account)
            }
        }
        let isGmail = await session.capabilities.contains(.gmail) && directory.entry(role: .all) != nil
        let selectable = directory.entries.filter(\.mailbox.isSelectable)
        let wanted = selectable.filter { entry in
            // Gmail shows each message again under every label: three mailboxes stand for all, unless the user names his own.
            rules.includes(entry.mailbox)
                && (!isGmail || rules.mailboxes != nil || [.all, .junk, .trash].contains(entry.mailbox.role))
        }
        guard !wanted.isEmpty else { throw SyncError.noWantedMailbox }
        let records = try await sortOut(wanted, of: selectable, firstSynced)
        let byPath = Dictionary(records.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let status = Dictionary(listings.map { ($0.name, $0.status) }, uniquingKeysWith: { first, _ in first })
        let targets = wanted.compactMap { entry -> Target? in
            guard let record = byPath[entry.mailbox.path] else { return nil }
            return Target(
                name: entry.name, record: record, observed: observed[entry.mailbox.path] ?? ObservedMailbox(),
                unread: status[entry.name]??.unseen)
        }
        let role = isGmail ? MailboxRole.all : .inbox
        let path = directory.entry(role: role)?.mailbox.path
        guard let watched = targets.first(where: { $0.record.path == path }) ?? targets.first else {
            throw SyncError.mailboxGone
        }
        return (targets, watched, plan.deleted)
    }

    /// Leaves out what is not wanted, takes in what is again, and says what is known then.
    private func sortOut(
        _ wanted: [MailboxDirectory.Entry], of all: [MailboxDirectory.Entry], _ firstSynced: Timestamp?
    ) async throws -> [MailboxRecord] {
        let records = try await sync.store.sync.mailboxes(of: sync.account)
        let paths = Set(wanted.map(\.mailbox.path))
        let unwanted = Set(all.map(\.mailbox.path)).subtracting(paths)
        let leaving = records.filter { unwanted.contains($0.path) && $0.standing != .leftOut }
        let coming = records.filter { paths.contains($0.path) && $0.standing == .leftOut }
        guard !leaving.isEmpty || !coming.isEmpty else { return records }
        if !leaving.isEmpty { try await sync.store.sync.leaveOut(leaving.map(\.number), sync.lease) }
        // Before the account was read once nothing was missed.
        let since = firstSynced.map { _ in Timestamp.now() }
        if !coming.isEmpty { try await sync.store.sync.takeIn(coming.map(\.number), since: since, sync.lease) }
        return try await sync.store.sync.mailboxes(of: sync.account)
    }
}
