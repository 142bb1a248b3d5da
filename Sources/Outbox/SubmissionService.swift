package import Model

/// The verbs on submissions: hand over, show, list. Delivery itself is `DeliveryWorker`'s.
package struct SubmissionService: Sendable {
    /// Composes, stores durably, and answers; sending happens after.
    package func submit(_ draft: SubmissionDraft, for account: AccountID) async throws -> Submission {
        fatalError("being written")
    }

    /// Takes a finished RFC 5322 message and sends it as it is, but for Bcc and a missing Message-ID or Date.
    package func submit(
        raw message: [UInt8], envelope: SubmissionEnvelope?, saveToSent: Bool, for account: AccountID
    ) async throws -> Submission { fatalError("being written") }

    package func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission {
        fatalError("being written")
    }

    /// Newest first; over all accounts where `account` is nil, limited to `visible`.
    package func list(
        account: AccountID?, visible: Set<AccountID>?, limit: Int, cursor: String?
    ) async throws -> Page<Submission> { fatalError("being written") }
}
