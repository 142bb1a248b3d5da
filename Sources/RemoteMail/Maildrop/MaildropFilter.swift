import MIME
import MailClient
import Model

/// Decides whether a message qualifies, with as little of it read as that takes.
struct MaildropFilter: Sendable {
    /// How much of a message is known.
    enum Knowledge: Int, Sendable, Comparable {
        /// Size and keywords.
        case listing
        case header
        case whole

        static func < (left: Knowledge, right: Knowledge) -> Bool { left.rawValue < right.rawValue }
    }

    /// What there is of one message.
    struct Subject: Sendable {
        var size: Int
        var keywords: [String]
        var message: Message?
        var headers: Headers?
        var content: MaildropContent?
    }

    private let conditions: [MessageFilter]
    /// UIDs that a conversation has.
    private let uids: Set<UInt32>?

    init(_ query: MessageQuery, thread uids: Set<UInt32>?) {
        conditions = [.condition(query.condition)] + (query.filter.map { [$0] } ?? [])
        self.uids = uids
    }

    /// Whether every message qualifies.
    var isEmpty: Bool { uids == nil && conditions.allSatisfy { $0 == .condition(MessageCondition()) } }

    /// Nil where more of the message must be known.
    func decide(_ uid: UInt32, _ subject: Subject) -> Bool? {
        if let uids, !uids.contains(uid) { return false }
        return Self.all(conditions, subject)
    }

    private static func decide(_ filter: MessageFilter, _ subject: Subject) -> Bool? {
        switch filter {
        case .condition(let condition): return all(condition.checks(subject))
        case .all(let filters): return all(filters, subject)
        case .any(let filters): return any(filters.map { decide($0, subject) })
        case .none(let filters): return any(filters.map { decide($0, subject) }).map { !$0 }
        }
    }

    private static func all(_ filters: [MessageFilter], _ subject: Subject) -> Bool? {
        all(filters.map { decide($0, subject) })
    }

    private static func all(_ verdicts: [Bool?]) -> Bool? {
        if verdicts.contains(false) { return false }
        return verdicts.contains(nil) ? nil : true
    }

    private static func any(_ verdicts: [Bool?]) -> Bool? {
        if verdicts.contains(true) { return true }
        return verdicts.contains(nil) ? nil : false
    }
}

extension MessageCondition {
    /// One verdict for each member that is set.
    fileprivate func checks(_ subject: MaildropFilter.Subject) -> [Bool?] {
        var verdicts: [Bool?] = []
        func has(_ keyword: String) -> Bool { subject.keywords.contains(keyword.lowercased()) }
        if let unread { verdicts.append(has("$seen") != unread) }
        if let flagged { verdicts.append(has("$flagged") == flagged) }
        if let answered { verdicts.append(has("$answered") == answered) }
        if let keyword { verdicts.append(has(keyword)) }
        if let notKeyword { verdicts.append(!has(notKeyword)) }
        if let minSize { verdicts.append(subject.size >= minSize) }
        if let maxSize { verdicts.append(subject.size <= maxSize) }
        for (field, text) in [("From", from), ("To", to), ("Cc", cc), ("Subject", self.subject)] {
            guard let text else { continue }
            verdicts.append(subject.headers.map { headers in headers.holds(text, in: field) })
        }
        if let header {
            verdicts.append(
                subject.headers.map { headers in
                    header.value.map { headers.holds($0, in: header.name) } ?? (headers.first(header.name) != nil)
                })
        }
        if let after { verdicts.append(subject.message.map { $0.receivedAt >= after }) }
        if let before { verdicts.append(subject.message.map { $0.receivedAt < before }) }
        if let hasAttachment {
            verdicts.append(subject.content.map { $0.parsed.selection.hasAttachment == hasAttachment })
        }
        if let body { verdicts.append(subject.content.map { $0.bodyHolds(body) }) }
        if let text {
            let inHeader = subject.headers.map { headers in
                headers.fields.contains { headers.text(of: $0).holds(text) }
            }
            verdicts.append(inHeader == true ? true : subject.content.map { $0.bodyHolds(text) })
        }
        return verdicts
    }
}

extension Headers {
    fileprivate func holds(_ text: String, in name: String) -> Bool {
        all(name).contains { self.text(of: $0).holds(text) }
    }
}

extension MaildropContent {
    /// In its texts, as far as they were held.
    fileprivate func bodyHolds(_ text: String) -> Bool {
        guard isWhole else { return false }
        return parsed.parts.enumerated().contains { index, part in
            part.node.type == "text" && parsed.text(of: index).text.holds(text)
        }
    }
}

extension String {
    fileprivate func holds(_ part: String) -> Bool { lowercased().contains(part.lowercased()) }
}
