package import Model
import Representation

/// The body of `searchMessages`.
package struct MessageSearch: Sendable {
    package var query: MessageQuery
    package var limit: Int
    package var cursor: String?

    package static func read(_ reader: inout ObjectReader) -> MessageSearch? {
        var query = MessageQuery(mailbox: reader.optional("mailbox")?.line().map(MailboxReference.init))
        var size = 0
        query.filter = reader.optional("filter").flatMap { MessageFilter.read($0, depth: 1, size: &size) }
        query.native = reader.optional("native")?.line()
        query.threadID = reader.optional("threadId")?.line().map(ThreadID.init(rawValue:))
        query.sort = reader.optional("sort")?.choice(of: MessageSort.self) ?? .newest
        query.collapsesThreads = reader.optional("collapseThreads")?.bool() ?? false
        query.fields = reader.optional("fields")?.array { $0.choice(of: MessageField.self) }.map { Set($0) }
        let limit = reader.optional("limit")?.integer(1...Limits.maximumPage) ?? Limits.defaultPage
        return MessageSearch(query: query, limit: limit, cursor: reader.optional("cursor")?.line(maximum: .max))
    }
}

extension MessageFilter {
    /// Words of `operator`.
    private enum Operator: String, CaseIterable {
        case and = "AND"
        case or = "OR"
        case not = "NOT"
    }

    /// Reads an operator with its conditions, or one condition; `size` counts both.
    package static func read(_ node: JSONNode, depth: Int, size: inout Int) -> MessageFilter? {
        size += 1
        guard depth <= Limits.filterDepth, size <= Limits.filterConditions else {
            // Once is enough.
            if depth > Limits.filterDepth || size == Limits.filterConditions + 1 {
                node.fail(
                    "is too much: at most \(Limits.filterConditions) conditions, nested \(Limits.filterDepth) deep")
            }
            return nil
        }
        var count = size
        defer { size = count }
        return node.object { reader -> MessageFilter? in
            guard let word = reader.optional("operator") else { return .condition(MessageCondition.read(&reader)) }
            let operation = word.choice(of: Operator.self)
            guard let list = reader.required("conditions") else { return nil }
            let filters = list.array { Self.read($0, depth: depth + 1, size: &count) }
            guard let filters, let operation else { return nil }
            if list.value == .array([]) { list.fail("must hold a condition") }
            return switch operation {
            case .and: .all(filters)
            case .or: .any(filters)
            case .not: .none(filters)
            }
        }
    }
}

extension MessageCondition {
    /// Reads members that mean what the parameters of `listMessages` mean.
    package static func read(_ reader: inout ObjectReader) -> MessageCondition {
        var condition = MessageCondition()
        condition.unread = reader.optional("unread")?.bool()
        condition.flagged = reader.optional("flagged")?.bool()
        condition.answered = reader.optional("answered")?.bool()
        condition.keyword = reader.optional("keyword")?.keyword()
        condition.notKeyword = reader.optional("notKeyword")?.keyword()
        condition.from = reader.optional("from")?.line()
        condition.to = reader.optional("to")?.line()
        condition.cc = reader.optional("cc")?.line()
        condition.subject = reader.optional("subject")?.line()
        condition.body = reader.optional("body")?.line()
        condition.text = reader.optional("text")?.line()
        if let node = reader.optional("header"), let text = node.line() {
            condition.header = HeaderCondition(text: text)
            if condition.header == nil { node.fail(HeaderCondition.fault) }
        }
        condition.after = reader.optional("after")?.moment()
        condition.before = reader.optional("before")?.moment()
        condition.savedAfter = reader.optional("savedAfter")?.moment()
        condition.savedBefore = reader.optional("savedBefore")?.moment()
        condition.minSize = reader.optional("minSize")?.integer(0...Limits.messageSize)
        condition.maxSize = reader.optional("maxSize")?.integer(0...Limits.messageSize)
        condition.hasAttachment = reader.optional("hasAttachment")?.bool()
        return condition
    }
}

extension JSONNode {
    fileprivate func keyword() -> String? {
        guard let keyword = line() else { return nil }
        if let fault = KeywordChanges.fault(of: keyword) { fail(fault) }
        return keyword
    }

    fileprivate func moment() -> Timestamp? {
        guard let text = line() else { return nil }
        let moment = Timestamp(rfc3339: text)
        if moment == nil { fail("must be an RFC 3339 time or a date such as 2026-11-23") }
        return moment
    }
}
