import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Sets (true) and clears (false) keywords; answers the message as it is afterwards, without bodies.
    package func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        let (added, removed) = try flags(changes)
        let message = try await withEveryPlace(of: id, in: account, deadline: deadline) { session, key, _ in
            // Tells first whether the message is there: STORE on a UID that is gone succeeds in silence.
            _ = try await fetch(key, [.uid], in: session)
            let uids = MessageSet.uids(UIDSet(key.uid))
            if !added.isEmpty { _ = try await session.execute(StoreCommand(uids, .add, added)) }
            if !removed.isEmpty { _ = try await session.execute(StoreCommand(uids, .remove, removed)) }
            return try await summary(key, of: account, in: session)
        }
        changed(account)
        return message
    }

    /// The message as lists show it.
    func summary(_ key: MessageKey, of account: AccountID, in session: IMAPLease) async throws -> Message {
        let fetched = try await fetchTolerantly(key, Summary.items, in: session)
        guard let message = Summary.make(fetched, in: key.mailbox, uidValidity: key.uidValidity) else {
            throw RemoteMailError.messageNotFound(key.id)
        }
        return try await identified(message, of: account)
    }

    func flags(_ changes: [String: Bool]) throws(RemoteMailError) -> (added: [Flag], removed: [Flag]) {
        var added: [Flag] = []
        var removed: [Flag] = []
        var faults: [FieldFault] = []
        for (keyword, isSet) in changes.sorted(by: { $0.key < $1.key }) {
            guard let flag = Keywords.flag(of: keyword) else {
                let name = keyword.replacing("~", with: "~0").replacing("/", with: "~1")
                faults.append(FieldFault(pointer: "/keywords/\(name)", detail: "is no keyword of RFC 8621, 4.1.1"))
                continue
            }
            if isSet { added.append(flag) } else { removed.append(flag) }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return (added, removed)
    }
}
