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
        case .subject, .subjectDescending: self = .folded(Self.baseSubject(message.subject ?? ""))
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

    /// RFC 5256, 2.1, but for its rarer forms: without what replies and lists put around it.
    package static func baseSubject(_ subject: String) -> String {
        var text = Substring(subject.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        while true {
            let before = text
            while text.lowercased().hasSuffix("(fwd)") { text = trimmed(text.dropLast(5)) }
            for word in ["re", "fwd", "fw"] where text.lowercased().hasPrefix(word) {
                var rest = trimmed(text.dropFirst(word.count))
                if rest.first == "[", let end = rest.firstIndex(of: "]") { rest = trimmed(rest[end...].dropFirst()) }
                if rest.first == ":" { text = trimmed(rest.dropFirst()) }
            }
            if text.first == "[", let end = text.firstIndex(of: "]") {
                let rest = trimmed(text[end...].dropFirst())
                if !rest.isEmpty { text = rest }
            }
            if text == before { return String(text) }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
