package import Model

/// The durable step a submission is at; with the lease it decides what a crash means.
package enum SubmissionPhase: String, Sendable, CaseIterable {
    /// To be delivered; nothing that cannot be repeated has happened. Can become: inDoubt, sentCopy, finished.
    case delivery
    /// The final dot of DATA may be on the wire. Can become: delivery, sentCopy, finished; after a crash: undecided.
    case inDoubt = "in-doubt"
    /// The final dot went out and no reply came; kept with its content until somebody decides.
    case undecided
    /// Delivered; the copy in Sent is still to be made. Can become: finished.
    case sentCopy = "sent-copy"
    /// Nothing remains to be done, and the content is gone.
    case finished
}

/// The right of one worker to work on one row, until a moment.
///
/// The epoch fences off an owner who slept through the end of it.
package struct SubmissionLease: Sendable, Equatable {
    package let id: SubmissionID
    package let owner: String
    let epoch: Int64
}

/// A submission that a worker has taken from the queue.
///
/// The worker changes `submission.recipients` and `submission.error` as replies come in; the verbs that take the value write them down.
package struct ClaimedSubmission: Sendable {
    package var submission: Submission
    package let phase: SubmissionPhase
    package let lease: SubmissionLease
    /// Octets of the message.
    package let size: Int
    /// Tries to make the copy in Sent, this one included.
    package let copyAttempts: Int
}

/// What a recovery found.
package struct RecoveredSubmissions: Sendable, Equatable {
    /// Crashed before the final dot, or while making the copy in Sent: back in the queue.
    package var requeued: [SubmissionID] = []
    /// Crashed after the final dot: state `unknown`.
    package var unknown: [SubmissionID] = []

    package init() {}
}

/// What became of the wish to cancel.
package enum CancelOutcome: Sendable, Equatable {
    case canceled
    /// It is being sent, or it is final.
    case tooLate
    case notFound
}
