import MailClient
import Mapping
package import Model
import Representation
import Store

extension MaildropService {
    /// Sets and clears keywords, which are kept here alone; answers the message as it is afterwards, without bodies.
    package func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        let changes = try checked(changes)
        var message = try await withMessage(id, of: account, deadline: deadline) { view, enrolled in
            guard let message = try await view.summaries(of: [enrolled]).first?.message else {
                throw RemoteMailError.messageNotFound(id)
            }
            return message
        }
        message.keywords = try await setKeywords(changes, on: [id], of: account)[id] ?? message.keywords
        return message
    }

    func setKeywords(
        _ changes: [String: Bool], on ids: [EmailID], of account: AccountID
    ) async throws -> [EmailID: [String]] {
        try await maildrops.setKeywords(changes, on: ids, of: account) { transitions in
            transitions.map { transition in
                EventDraft(
                    .messageUpdated, of: account,
                    data: JSONWriter.bytes(of: MessageChange(keywordsOf: transition)))
            }
        }
    }

    /// Deletes on the server, for good: there is no other mailbox to put it into.
    ///
    /// It returns once the server confirmed it. Where that confirmation does not come the message may be there or not; the next look
    /// at the maildrop tells.
    package func delete(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        let outcomes = try await delete([id], of: account, deadline: deadline)
        if let error = outcomes[id] ?? nil { throw error }
    }

    /// By id, what kept each message from being deleted.
    private func delete(
        _ ids: [EmailID], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [EmailID: (any Error)?] {
        let places = try await index.places(of: ids, in: account)
        if places.isEmpty, try await !index.isComplete(account) { throw RemoteMailError.accountSyncing(account) }
        var uids: [UInt32: EmailID] = [:]
        for (id, places) in places { for place in places { uids[place.uid] = id } }
        let wanted = uids
        guard !wanted.isEmpty else { return Dictionary(uniqueKeysWithValues: Set(ids).map { ($0, gone($0)) }) }
        let (taken, unsure, mailbox) = try await withMaildrop(of: account, deadline: deadline) { view in
            let here = view.enrolment.byUID
            let messages = Dictionary(
                wanted.keys.compactMap { here[$0] }.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
            var choice = MaildropDeletion()
            let taken = try await view.session.delete(messages.keys.sorted()) { headers in
                choice = MaildropDeletion(Array(messages.values), named: wanted, headers: headers)
                return choice.numbers
            }
            for uid in choice.strangers { try await view.maildrops.disown(uid, in: view.enrolment.mailbox.number) }
            return (taken.compactMap { messages[$0]?.uid }, choice.unsure, view.mailbox)
        }
        try await index.noteLeaving(taken, mailbox, of: account)
        changed(account)
        let done = Set(taken.compactMap { wanted[$0] })
        let hidden = Set(unsure.compactMap { wanted[$0] })
        return Dictionary(
            uniqueKeysWithValues: Set(ids).map { id in
                (id, done.contains(id) ? nil : hidden.contains(id) ? Self.unreadable : gone(id))
            })
    }

    /// It is there, and nobody can see now whether it is the one that is meant.
    private static let unreadable: any Error = MailClientError.unavailable(
        .pop3, text: "the server lists the message and does not give it now")

    private func gone(_ id: EmailID) -> (any Error)? { RemoteMailError.messageNotFound(id) }

    /// Nothing can be moved in POP3: a verdict is a keyword.
    package func judgeSpam(
        _ id: EmailID, isSpam: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await setKeywords(["$junk": isSpam, "$notjunk": !isSpam], on: id, of: account, deadline: deadline)
    }

    /// The same to many messages, in one session; the outcomes come in the order of `ids`.
    package func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        let changes = try checked(action.keywords)
        switch action.transfer {
        case .move?: throw RemoteMailError.notInMaildrop("Messages cannot be moved")
        case .copy?: throw RemoteMailError.notInMaildrop("Messages cannot be copied")
        case .delete?, nil: break
        }
        let known = try await index.places(of: ids, in: account)
        if !changes.isEmpty { _ = try await setKeywords(changes, on: Array(known.keys), of: account) }
        guard case .delete? = action.transfer else {
            return ids.map { BatchOutcome(id: $0, error: known[$0] == nil ? gone($0) : nil) }
        }
        let outcomes = try await delete(ids, of: account, deadline: deadline)
        return ids.map { BatchOutcome(id: $0, error: outcomes[$0] ?? nil) }
    }

    /// The same to all that the query finds, oldest first.
    package func batch(
        matching query: MessageQuery, _ action: BatchAction, of account: AccountID, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> BatchPage {
        var query = query
        query.sort = .oldest
        query.fields = []
        let page = try await list(of: account, matching: query, limit: limit, cursor: cursor, deadline: deadline)
        let outcomes = try await batch(page.data.map(\.id), action, of: account, deadline: deadline)
        return BatchPage(outcomes: outcomes, nextCursor: page.nextCursor)
    }

    private func checked(_ changes: [String: Bool]) throws(RemoteMailError) -> [String: Bool] {
        let faults = changes.keys.sorted().filter { !Keywords.isValid($0) }.map { keyword in
            FieldFault(
                pointer: "/keywords/" + keyword.replacing("~", with: "~0").replacing("/", with: "~1"),
                detail: "is no keyword of RFC 8621, 4.1.1")
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return Dictionary(changes.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { _, last in last })
    }
}

extension MessageChange {
    fileprivate init(keywordsOf transition: MessageTransition) {
        self.init(
            id: transition.email, threadID: transition.thread, mailboxIDs: transition.after.sorted(),
            keywords: transition.keywords, changed: ["keywords"],
            previousKeywords: transition.keywordsBefore ?? [])
    }
}
