package import Model

/// Why a submission was not taken or not found.
package enum OutboxError: Error, Sendable, Equatable {
    case notFound(SubmissionID)
    case invalid([FieldFault])
    /// The account has no SMTP server.
    case cannotSend(AccountID)
    case tooLarge(limit: Int)
    /// It is on the wire, or final: neither to be canceled nor to be tried again.
    case notWaiting(SubmissionState)
}
