package import Model

/// All that a delivery worker writes in one go: what is about to be sent, what became of attempts, what it takes next.
///
/// One transaction costs one fsync whatever is in it.
package struct SubmissionTurn: Sendable {
    /// Whose final dot may go out once this is written: from here on a crash means `unknown`.
    ///
    /// Recipients that the server took with RCPT must be `queued`: they are the ones that a recovery makes `unknown`.
    package var marks: [ClaimedSubmission] = []
    package var results: [SubmissionResult] = []
    package var claims: [QueueClaim] = []

    package init() {}

    package var isEmpty: Bool { marks.isEmpty && results.isEmpty && claims.isEmpty }
}

/// What one turn came to.
package struct SubmissionTurnOutcome: Sendable {
    package var claimed: [ClaimedSubmission] = []
    /// Marks and results of rows that are somebody else's by now, or gone: nothing was written of them.
    package var lost: Set<SubmissionID> = []
    /// Rows that were taken and do not open: those that this node has no key for are free again, the others stay with it.
    package var unopened: [SubmissionID: StoreError] = [:]

    package init() {}
}

/// How work on a claimed submission ended; `item` carries recipients, error and copy as they are to be kept.
package struct SubmissionResult: Sendable {
    /// How a row goes on.
    package enum Ending: Sendable, Equatable {
        /// Nothing more is to be delivered: the state says how it ended. A copy in Sent is due next where one is wanted.
        case settled
        /// To be delivered (to those still open) at a later time; `isDeferred` is false where nobody refused.
        case queued(at: Timestamp, isDeferred: Bool)
        /// No attempt was made: it is due again then, as if it had not been taken.
        case released(at: Timestamp)
        /// Whether a server has it is not known; looked for again then, or left until somebody decides.
        case undecided(at: Timestamp?)
        /// The copy is in Sent, or will never be: nothing remains to be done.
        case closed
        /// Another look at Sent, or another try to put the copy there.
        case copying(at: Timestamp)
    }

    package var item: ClaimedSubmission
    package var ending: Ending

    package init(_ item: ClaimedSubmission, _ ending: Ending) {
        self.item = item
        self.ending = ending
    }
}

/// The step that a row waits for.
package enum QueueTrack: String, Sendable, Hashable, CaseIterable {
    case delivery
    case sentCopy
    /// Whether a message whose outcome is unknown turns up somewhere.
    case question

    package init?(_ phase: SubmissionPhase) {
        switch phase {
        case .delivery: self = .delivery
        case .sentCopy: self = .sentCopy
        case .undecided: self = .question
        case .inDoubt, .finished: return nil
        }
    }

    var phase: SubmissionPhase {
        switch self {
        case .delivery: .delivery
        case .sentCopy: .sentCopy
        case .question: .undecided
        }
    }
}

/// One account's rows that wait for one step.
package struct QueueKey: Sendable, Hashable {
    package var account: AccountID
    package var track: QueueTrack

    package init(_ account: AccountID, _ track: QueueTrack) {
        self.account = account
        self.track = track
    }
}

/// A wish for rows that are due.
package struct QueueClaim: Sendable, Equatable {
    package var key: QueueKey
    package var limit: Int

    package init(_ key: QueueKey, limit: Int) {
        self.key = key
        self.limit = limit
    }
}
