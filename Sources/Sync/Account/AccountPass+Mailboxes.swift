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
        let rules = sync.rules.rules
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
        let wanted = directory.entries.filter { rules.includes($0.mailbox) }
        let records = try await sortOut(Set(wanted.map(\.mailbox.path)), firstSynced)
        let byPath = Dictionary(records.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let status = Dictionary(listings.map { ($0.name, $0.status) }, uniquingKeysWith: { first, _ in first })
        let isGmail = await session.capabilities.contains(.gmail) && directory.entry(role: .all) != nil
        let targets = wanted.filter { $0.mailbox.isSelectable }.filter { entry in
            // Gmail shows each message again under every label: three mailboxes stand for all, unless the user names his own.
            !isGmail || rules.mailboxes != nil || [.all, .junk, .trash].contains(entry.mailbox.role)
        }.compactMap { entry -> Target? in
            guard let record = byPath[entry.mailbox.path] else { return nil }
            return Target(
                name: entry.name, record: record, observed: observed[entry.mailbox.path] ?? ObservedMailbox(),
                unread: status[entry.name]??.unseen)
        }
        let role = isGmail ? MailboxRole.all : .inbox
        let path = directory.entry(role: role)?.mailbox.path
        guard let watched = targets.first(where: { $0.record.path == path }) ?? targets.first else {
            throw SyncError.noWantedMailbox
        }
        return (targets, watched, plan.deleted)
    }

    /// Forgets what the user wants kept in step no more, welcomes what he wants again, and says what is known then.
    private func sortOut(_ wanted: Set<String>, _ firstSynced: Timestamp?) async throws -> [MailboxRecord] {
        let records = try await sync.store.sync.mailboxes(of: sync.account)
        let unwanted = records.filter { !$0.isNew && !wanted.contains($0.path) }
        let again = records.filter {
            $0.isNew && wanted.contains($0.path) && $0.seenAt < sync.rules.since && firstSynced != nil
        }
        guard !unwanted.isEmpty || !again.isEmpty else { return records }
        if !unwanted.isEmpty { try await sync.store.sync.forget(unwanted.map(\.number), sync.lease) }
        if !again.isEmpty { try await sync.store.sync.welcome(again.map(\.number), sync.lease) }
        return try await sync.store.sync.mailboxes(of: sync.account)
    }
}
