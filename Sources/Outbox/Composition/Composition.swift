package import Model
package import Store

/// Makes a message of all that a draft names: a template, a message that it answers, files that lie elsewhere.
package struct Composition: Sendable {
    let store: MailStore
    let mail: any StoredMail

    package init(store: MailStore, mail: any StoredMail) {
        self.store = store
        self.mail = mail
    }

    /// A message to be sent; `uploads` are the files of the form it came with, by the names of their parts.
    package func prepare(
        _ draft: SubmissionDraft, uploads: [String: ContentSource] = [:], of account: Account,
        deadline: ContinuousClock.Instant, now: Timestamp
    ) async throws -> PreparedMessage {
        let draft = try await completed(draft, of: account, deadline: deadline)
        let sources = try await sources(of: draft, uploads, of: account.id, deadline: deadline)
        return try DraftComposer(accountAddress: account.email, now: now).compose(draft, sources: sources)
    }

    /// A message to be kept as a draft, Bcc included.
    package func prepareStored(
        _ draft: SubmissionDraft, of account: Account, deadline: ContinuousClock.Instant, now: Timestamp
    ) async throws -> PreparedMessage {
        let reference = draft.reference
        var draft = try await completed(draft, of: account, deadline: deadline)
        let sources = try await sources(of: draft, [:], of: account.id, deadline: deadline)
        if let reference {
            draft.headers.append((name: DraftReference.name, value: DraftReference.value(reference)))
        }
        return try DraftComposer(accountAddress: account.email, now: now).composeStored(draft, sources: sources)
    }

    private func completed(
        _ draft: SubmissionDraft, of account: Account, deadline: ContinuousClock.Instant
    ) async throws -> SubmissionDraft {
        let draft = try await TemplateUse(templates: store.templates).filled(draft)
        guard let reference = draft.reference else { return draft }
        do {
            let original = try await mail.original(reference.message, of: account.id, deadline: deadline)
            return ReferringDraft(draft, reference, original: original, own: ownAddresses(account, draft)).draft
        } catch is StoredMailError {
            throw OutboxError.invalid([
                FieldFault(pointer: "/reference/messageId", detail: StoredMailError.messageNotFound.detail)
            ])
        }
    }

    private func ownAddresses(_ account: Account, _ draft: SubmissionDraft) -> Set<String> {
        Set([account.email, draft.from?.email].compactMap { $0?.lowercased() })
    }

    /// Finds what is not in memory; all that is missing is told together.
    private func sources(
        of draft: SubmissionDraft, _ uploads: [String: ContentSource], of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> [Int: ContentSource] {
        var sources: [Int: ContentSource] = [:]
        var faults: [FieldFault] = []
        for (index, attachment) in draft.attachments.enumerated() {
            switch attachment.content {
            case .bytes: break
            case .part(let name):
                sources[index] = uploads[name]
                if uploads[name] == nil {
                    faults.append(
                        FieldFault(pointer: "/attachments/\(index)/part", detail: "names no file of this form"))
                }
            case .stored(let message, let part):
                do {
                    sources[index] = try await mail.attachment(part, of: message, of: account, deadline: deadline)
                } catch let error as StoredMailError {
                    let member = error == .messageNotFound ? "messageId" : "attachmentId"
                    faults.append(FieldFault(pointer: "/attachments/\(index)/\(member)", detail: error.detail))
                }
            }
        }
        guard faults.isEmpty else { throw OutboxError.invalid(faults) }
        return sources
    }
}
