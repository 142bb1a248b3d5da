/// What a submission asks of the transport beyond being delivered.
package struct DeliveryOptions: Sendable, Equatable {
    /// Which reports of delivery the sender wants (RFC 3461).
    package struct Notification: Sendable, Equatable {
        /// What a report is wanted of.
        package enum Occasion: String, Sendable, Hashable, CaseIterable {
            case success, failure, delay
        }

        /// What a report of failure holds of the message.
        package enum Return: String, Sendable, CaseIterable {
            case full, headers
        }

        /// Empty: no reports at all; nil: as servers do it unasked.
        package var occasions: Set<Occasion>?
        package var returned: Return?

        package init(occasions: Set<Occasion>? = nil, returned: Return? = nil) {
            self.occasions = occasions
            self.returned = returned
        }
    }

    /// By when a message is to be delivered (RFC 2852).
    package struct DeliverBy: Sendable, Equatable {
        /// What becomes of a message that is late.
        package enum Lateness: String, Sendable, CaseIterable {
            /// It comes back undelivered.
            case returned = "return"
            /// It goes on, and the sender is told.
            case notified = "notify"
        }

        package var seconds: Int
        package var lateness: Lateness

        package init(seconds: Int, lateness: Lateness) {
            self.seconds = seconds
            self.lateness = lateness
        }
    }

    /// What is done where nobody can tell whether a server took the message (RFC 1047).
    package enum Uncertainty: String, Sendable, CaseIterable {
        /// It waits for a decision.
        case ask
        /// It is sent again, when it was looked for in vain: rather twice than not at all.
        case retry
    }

    package var whenUnknown = Uncertainty.ask
    package var notification: Notification?
    /// -9 to 9; servers without MT-PRIORITY are not told (RFC 6710).
    package var priority: Int?
    /// By verified TLS all the way, or not at all (RFC 8689).
    package var requiresTLS = false
    package var deliverBy: DeliverBy?
    /// Until when the server that takes it keeps it (FUTURERELEASE, RFC 4865).
    package var holdUntil: Timestamp?

    package init() {}
}

/// When a submission is sent, how, and what tells it from another one.
package struct SubmissionTerms: Sendable, Equatable {
    package var saveToSent: Bool
    /// Those that the copy in Sent gets, besides `$seen`.
    package var keywords: [String] = []
    package var sendAt: Timestamp?
    package var options = DeliveryOptions()
    /// The draft or the request that it is made of: of two with the same, the second is the first.
    package var source: String?

    package init(saveToSent: Bool = true) { self.saveToSent = saveToSent }

    /// Named by a key of a caller, which is unique among those of one principal.
    package static func source(principal: String, key: String) -> String { "key:\(principal)\n\(key)" }

    package static func source(draft: EmailID) -> String { "draft:\(draft)" }
}

/// What the octets of a message need of a server.
package struct ContentKind: Sendable, Equatable {
    package var isEightBit: Bool
    /// Octets over 127 in the header (RFC 6532).
    package var hasInternationalHeader: Bool

    package init(isEightBit: Bool = false, hasInternationalHeader: Bool = false) {
        self.isEightBit = isEightBit
        self.hasInternationalHeader = hasInternationalHeader
    }
}

/// The copy of what was sent in the account's Sent mailbox: a step of its own, after the sending.
package struct SentCopy: Sendable, Equatable {
    /// How far it is.
    package enum State: String, Sendable, CaseIterable {
        /// Not wanted, or nothing was sent.
        case none
        case pending
        /// We put it there.
        case filed
        /// The server puts what it takes there itself.
        case byServer = "by-server"
        case failed
    }

    package var state: State
    package var attempts: Int
    package var nextAttemptAt: Timestamp?
    package var error: SubmissionFault?
    /// Set on the copy, besides `$seen`.
    package var keywords: [String]

    package init(
        state: State = .none, attempts: Int = 0, nextAttemptAt: Timestamp? = nil, error: SubmissionFault? = nil,
        keywords: [String] = []
    ) {
        self.keywords = keywords
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.error = error
    }
}
