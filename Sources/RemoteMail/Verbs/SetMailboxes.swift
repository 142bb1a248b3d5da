import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Makes a message lie in exactly these mailboxes (RFC 8621, 4.6, `mailboxIds`); answers it as it is afterwards, without bodies.
    ///
    /// It is put where it is to be before it is taken from where it is not to be, so at each moment it lies somewhere. Nil where that is
    /// done and the server does not tell where the message is now.
    package func setMailboxes(
        _ mailboxes: [MailboxReference], of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        guard !mailboxes.isEmpty else {
            throw RemoteMailError.invalid([
                FieldFault(pointer: "/mailboxIds", detail: "must name a mailbox; what is to be nowhere is deleted")
            ])
        }
        var targets: [MailboxID] = []
        var leavesAll = false
        for reference in mailboxes {
            let target = try await mailbox(reference, of: account, deadline: deadline).mailbox
            if !targets.contains(target.id) { targets.append(target.id) }
            leavesAll = leavesAll || target.role == .trash || target.role == .junk
        }
        let known = try await places(of: id, in: account, deadline: deadline)
        let holding = try await self.holding(
            id, known.filter { targets.contains($0.mailbox) }, of: account, deadline: deadline)
        let added = targets.filter { !holding.contains($0) }
        var removed = Set(known.map(\.mailbox)).subtracting(targets)
        let places = holding.union(removed)
        // What is taken from where everything lies is taken from everywhere (Gmail): only trash and junk are apart from it.
        if !leavesAll, let all = directories[account]?.entry(role: .all) { removed.remove(all.mailbox.id) }
        if added.count == 1, places.count == 1, removed == places {
            return try await move(id, to: .id(added[0]), of: account, deadline: deadline)
        }
        for target in added { _ = try await copy(id, to: .id(target), of: account, deadline: deadline) }
        if !removed.isEmpty {
            try await withEveryPlace(of: id, in: account, deadline: deadline) { session, key, source in
                guard removed.contains(source.mailbox.id) else { return }
                _ = try await fetch(key, [.uid], in: session)
                try await expunge(UIDSet(key.uid), in: session)
                try await index.noteLeaving([key.uid], key.mailbox, of: account)
            }
            changed(account)
        }
        do {
            return try await message(id, of: account, options: .withoutBodies, deadline: deadline)
        } catch RemoteMailError.messageNotFound where !added.isEmpty {
            return nil
        }
    }

    /// Where of these places the message is by the server's own word.
    ///
    /// The index learns late what other clients took away, and never of mailboxes that are left out: what is not there must be put there
    /// before it is taken from elsewhere.
    private func holding(
        _ id: EmailID, _ places: [MessagePlace], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Set<MailboxID> {
        var holding: Set<MailboxID> = []
        for place in places {
            do {
                try await withMessage(MessageKey(id, at: place), of: account, for: .reading, deadline: deadline) {
                    session, key, _ in _ = try await fetch(key, [.uid], in: session)
                }
                holding.insert(place.mailbox)
            } catch RemoteMailError.messageNotFound {
                continue
            }
        }
        return holding
    }
}
