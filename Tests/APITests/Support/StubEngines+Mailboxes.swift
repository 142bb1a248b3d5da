import API
import Model
import RemoteMail

extension StubEngines: MailboxVerbs {
    func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try note("mailbox \(reference)")
        return Sample.shared
    }

    func createMailbox(
        _ draft: MailboxDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try note("create \(draft.name) in \(draft.parent.map { "\($0)" } ?? "-") as \(draft.role?.rawValue ?? "-")")
        return Sample.folder
    }

    func updateMailbox(
        _ reference: MailboxReference, with patch: MailboxPatch, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        let place = patch.place.map { "\($0)" } ?? "-"
        try note(
            "update \(reference) name \(patch.name ?? "-") place \(place) subscribed \(patch.isSubscribed == true)")
        return Sample.folder
    }

    func deleteMailbox(
        _ reference: MailboxReference, force: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        try note("delete \(reference) force \(force)")
        if !force { throw RemoteMailError.mailboxNotEmpty(Sample.folder.id) }
    }

    func quota(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [QuotaUsage] {
        try note("quota \(account)")
        return [
            QuotaUsage(root: "", resource: "storage", unit: .octets, used: 1_024, limit: .max),
            QuotaUsage(root: "User quota", resource: "message", unit: .count, used: 7, limit: 100),
        ]
    }
}
