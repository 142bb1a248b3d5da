/// The message that a submission answers or passes on.
package struct MessageReference: Sendable, Equatable {
    /// How it refers to it.
    package enum Action: String, Sendable, CaseIterable {
        case reply
        case replyAll
        case forward

        /// What the original has afterwards (RFC 8621, section 4.1.1).
        package var keyword: String { self == .forward ? "$forwarded" : "$answered" }
    }

    package var message: EmailID
    package var action: Action
    /// Whether the original's text follows; nil: only where it is passed on.
    package var quotes: Bool?
    /// Whether the original's attachments go along; nil: only where it is passed on.
    package var includesAttachments: Bool?

    package init(_ message: EmailID, _ action: Action, quotes: Bool? = nil, includesAttachments: Bool? = nil) {
        self.message = message
        self.action = action
        self.quotes = quotes
        self.includesAttachments = includesAttachments
    }
}

/// What a submission does to the message that it refers to, once it is sent.
package struct OriginalMark: Sendable, Equatable {
    package var message: EmailID
    /// `$answered` or `$forwarded`.
    package var keyword: String

    package init(message: EmailID, keyword: String) {
        self.message = message
        self.keyword = keyword
    }
}

/// How a reader leaves the list that a message belongs to (RFC 2369, RFC 8058).
package struct Unsubscribe: Sendable, Equatable {
    package var url: String?
    /// An address, perhaps with `?subject=…`.
    package var mailto: String?
    /// Whether a POST to `url` does it, with nobody asked again.
    package var isOneClick: Bool

    package init(url: String?, mailto: String?, isOneClick: Bool) {
        self.url = url
        self.mailto = mailto
        self.isOneClick = isOneClick
    }
}

/// That no person wrote the message, so that no robot answers it (RFC 3834, section 5).
package enum AutoSubmitted: String, Sendable, CaseIterable {
    case generated = "auto-generated"
    case replied = "auto-replied"
}
