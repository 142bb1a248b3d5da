import MIME
package import MailClient
import Mapping
package import Model
import POP3
package import Store

/// The verbs on the mail of a POP3 account: one mailbox, whose messages can be read and deleted.
///
/// What POP3 lacks is done here, over the index (ids, conversations, keywords) and over headers read by TOP (filters, orders); nothing of
/// them is kept but hashes.
package struct MaildropService: Sendable {
    let sessions: AccountSessions
    let index: MailboxIndex
    let maildrops: MaildropRepository
    /// How long messages stay, by account.
    let retention: @Sendable (AccountID) async throws -> Retention?
    /// Told when something was met or done here that the sync has to tell of.
    let changed: @Sendable (AccountID) -> Void

    package init(
        sessions: AccountSessions, index: MailboxIndex, maildrops: MaildropRepository,
        retention: @escaping @Sendable (AccountID) async throws -> Retention?,
        changed: @escaping @Sendable (AccountID) -> Void = { _ in }
    ) {
        self.sessions = sessions
        self.index = index
        self.maildrops = maildrops
        self.retention = retention
        self.changed = changed
    }

    /// The maildrop as it is now, and the session in which that stays so.
    func withMaildrop<Value: Sendable>(
        of account: AccountID, deadline: ContinuousClock.Instant,
        _ body: (MaildropView) async throws -> Value
    ) async throws -> Value {
        try await sessions.withPOP3(account, deadline: deadline) { session in
            let entries = try await session.listing().map {
                MaildropEntry(number: $0.number, size: $0.size, uniqueID: $0.uniqueID)
            }
            let enrolment = try await maildrops.enrol(
                entries, of: account, isGivenUp: { session.isGivenUp($0.number) },
                fingerprint: { try await session.fingerprints(of: $0, MaildropMessage.fingerprint) })
            if let newest = enrolment.messages.map(\.uid).max(), newest >= enrolment.mailbox.cursor.uidNext {
                changed(account)
            }
            return try await body(
                MaildropView(
                    session: session, account: account, enrolment: enrolment,
                    keywords: try await maildrops.keywords(in: enrolment.mailbox.number), index: index,
                    maildrops: maildrops, changed: changed))
        }
    }

    /// The same for one message, which must be there.
    func withMessage<Value: Sendable>(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant,
        _ body: (MaildropView, EnrolledMessage) async throws -> Value
    ) async throws -> Value {
        let places = try await places(of: id, in: account, deadline: deadline)
        return try await withMaildrop(of: account, deadline: deadline) { view in
            let here = view.enrolment.byUID
            guard let message = places.lazy.compactMap({ here[$0.uid] }).first else {
                throw RemoteMailError.messageNotFound(id)
            }
            return try await body(view, message)
        }
    }

    /// Where the index has the message; while the maildrop is read for the first time that is waited for.
    private func places(
        of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [MessagePlace] {
        while true {
            // In this order: what is indexed between the two questions is found by the next round.
            let isComplete = try await index.isComplete(account)
            let places = try await index.places(of: id, in: account)
            if !places.isEmpty { return places }
            if isComplete { throw RemoteMailError.messageNotFound(id) }
            guard ContinuousClock.now.advanced(by: Limits.indexLook) < deadline else {
                throw RemoteMailError.accountSyncing(account)
            }
            try await ContinuousClock().sleep(for: Limits.indexLook)
        }
    }

    /// The one mailbox, if that is what the caller names.
    func check(_ reference: MailboxReference?) throws(RemoteMailError) {
        switch reference {
        case nil, .role(.inbox)?: return
        case .role(let role)?: throw .roleNotFound(role)
        case .id(let id)?:
            guard id == MailboxID(path: MaildropRepository.path) else { throw .mailboxNotFound(id.rawValue) }
        }
    }
}
