package import Model

/// What is done to each message of a batch: keywords first, then at most one of the others.
package struct BatchAction: Sendable, Equatable {
    /// What becomes of the message.
    package enum Transfer: Sendable, Equatable {
        case move(MailboxReference)
        case copy(MailboxReference)
        case delete(permanently: Bool)
    }

    package var keywords: [String: Bool]
    package var transfer: Transfer?

    package init(keywords: [String: Bool] = [:], transfer: Transfer? = nil) {
        self.keywords = keywords
        self.transfer = transfer
    }
}

/// What became of one message of a batch.
package struct BatchOutcome: Sendable {
    package var id: EmailID
    /// Where it, or its copy, is now; nil where it stayed, is gone, or the server does not tell.
    package var newID: EmailID?
    /// Nil where all was done.
    package var error: (any Error)?

    package init(id: EmailID, newID: EmailID? = nil, error: (any Error)? = nil) {
        self.id = id
        self.newID = newID
        self.error = error
    }
}

/// What became of the messages that a filter found.
package struct BatchPage: Sendable {
    package var outcomes: [BatchOutcome]
    /// Where the next request goes on; nil where nothing was left.
    package var nextCursor: String?

    package init(outcomes: [BatchOutcome], nextCursor: String? = nil) {
        self.outcomes = outcomes
        self.nextCursor = nextCursor
    }
}
