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

    package init(id: SubmissionID, owner: String, epoch: Int64) {
        self.id = id
        self.owner = owner
        self.epoch = epoch
    }
}

/// A submission that a worker has taken from the queue.
///
/// The worker changes `submission.recipients` and `submission.error` as replies come in; the verbs that take the value write them down.
package struct ClaimedSubmission: Sendable {
    package var submission: Submission
    package internal(set) var phase: SubmissionPhase
    package let lease: SubmissionLease
    /// Octets of the message.
    package let size: Int
    /// Looks at Sent, and tries to make the copy there, this one included.
    package let copyAttempts: Int
    let blob: String?
    /// The message, where it is small and to be delivered; others are read by `content(of:)`.
    package internal(set) var content: [UInt8]?

    package init(
        submission: Submission, phase: SubmissionPhase, lease: SubmissionLease, size: Int, copyAttempts: Int = 0,
        blob: String? = nil
    ) {
        self.submission = submission
        self.phase = phase
        self.lease = lease
        self.size = size
        self.copyAttempts = copyAttempts
        self.blob = blob
    }
}

/// What a recovery found.
package struct RecoveredSubmissions: Sendable, Equatable {
    /// Crashed before the final dot, or while making the copy in Sent: back in the queue.
    package var requeued: [SubmissionID] = []
    /// Crashed after the final dot: state `unknown`.
    package var unknown: [SubmissionID] = []
    /// Crashed after the final dot and cannot be opened: they stay as they are.
    package var unopened: Set<SubmissionID> = []

    package init() {}
}

/// What became of the wish to cancel.
package enum CancelOutcome: Sendable, Equatable {
    case canceled
    /// It is being sent, or it is final.
    case tooLate
    case notFound
}

/// What became of the wish to try again.
package enum RetryOutcome: Sendable, Equatable {
    case due
    /// It is being sent, or it is final.
    case tooLate
    case notFound
}
