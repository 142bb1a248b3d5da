/// An opaque identifier of one kind of thing.
///
/// Types instead of strings, so that one cannot stand for another.
package protocol Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    var rawValue: String { get }
    init(rawValue: String)
}

extension Identifier {
    package var description: String { rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Names an account; chosen by the caller or made by us (`acc_…`).
package struct AccountID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Accepts what is safe in a path and a log: 1–64 of letters, digits, `.`, `_`, `-`, not beginning with a dot.
    package init?(validating text: String) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard allowed, (1...64).contains(text.utf8.count), text.utf8.first != 0x2E else { return nil }
        rawValue = text
    }
}

/// Names a mailbox within its account (JMAP's Mailbox id).
package struct MailboxID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a message within its account (JMAP's Email id); not the Message-ID header field.
package struct EmailID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a conversation within its account.
package struct ThreadID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a queued outgoing message (`sub_…`).
package struct SubmissionID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names an entry of the event log (`evt_…`).
package struct EventID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a webhook (`whk_…`).
package struct WebhookID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names an API token (`tok_…`); not the secret itself.
package struct TokenID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// A MIME part's number as IMAP writes it ("1", "2.1"); names an attachment within its message.
package struct PartID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Names a template of messages (`tpl_…`).
package struct TemplateID: Identifier {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}
