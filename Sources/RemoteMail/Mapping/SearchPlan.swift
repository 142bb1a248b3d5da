import IMAP
import Model

/// What the server is asked for, and what is checked here because IMAP cannot say it.
struct SearchPlan: Sendable {
    /// Nil where every message qualifies.
    let key: SearchKey?
    private let after: Timestamp?
    private let before: Timestamp?

    init(_ query: MessageQuery) {
        var keys: [SearchKey] = []
        switch query.unread {
        case true?: keys.append(.not(.flag(.seen)))
        case false?: keys.append(.flag(.seen))
        case nil: break
        }
        switch query.flagged {
        case true?: keys.append(.flag(.flagged))
        case false?: keys.append(.not(.flag(.flagged)))
        case nil: break
        }
        if let from = query.from { keys.append(.from(from)) }
        if let to = query.to { keys.append(.to(to)) }
        if let subject = query.subject { keys.append(.subject(subject)) }
        if let text = query.text { keys.append(.text(text)) }
        // SINCE and BEFORE know days only, in a zone of the server's choosing (RFC 9051, 6.4.4): a day is left on either
        // side, and the moment itself is compared here.
        if let after = query.after {
            keys.append(.since(CalendarDay(epochMilliseconds: after.milliseconds - 86_400_000)))
        }
        if let before = query.before {
            keys.append(.before(CalendarDay(epochMilliseconds: before.milliseconds + 2 * 86_400_000)))
        }
        key = keys.isEmpty ? nil : keys.count == 1 ? keys[0] : .and(keys)
        after = query.after
        before = query.before
    }

    /// At or after `after`, and earlier than `before`.
    func accepts(_ message: Message) -> Bool {
        if let after, message.receivedAt < after { return false }
        if let before, message.receivedAt >= before { return false }
        return true
    }
}
