import Mapping
package import Model

/// What messages are compared by, as far as it can be told here: for merging mailboxes, and for finding a place again.
package enum SortKey: Sendable, Hashable, Comparable {
    case number(Int64)
    case text(String)

    /// `showsNames` where senders are compared by what people read rather than by local part (RFC 5957).
    package init(_ message: Message, _ sort: MessageSort, showsNames: Bool) {
        switch sort {
        case .newest, .oldest: self = .number(message.receivedAt.milliseconds)
        case .size, .sizeDescending: self = .number(Int64(message.size))
        // RFC 5256, 2.2: the time of arrival stands for a date that is missing.
        case .sentAt, .sentAtDescending: self = .number((message.sentAt ?? message.receivedAt).milliseconds)
        case .subject, .subjectDescending: self = .folded(BaseSubject.of(message.subject ?? ""))
        case .from, .fromDescending:
            guard let sender = message.from.first else {
                self = .text("")
                return
            }
            let local = sender.email.split(separator: "@", omittingEmptySubsequences: false).first.map(String.init)
            self = .folded(showsNames ? sender.name ?? sender.email : local ?? "")
        }
    }

    package static func < (left: SortKey, right: SortKey) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left < right
        case (.number, .text): true
        case (.text, .number): false
        }
    }

    /// Near enough to `i;unicode-casemap`; cut, because it travels in cursors.
    private static func folded(_ text: String) -> SortKey {
        .text(String(decoding: Array(text.uppercased().utf8.prefix(Limits.sortKeyOctets)), as: UTF8.self))
    }
}
