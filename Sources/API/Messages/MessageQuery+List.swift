package import Model

extension MessageQuery {
    /// The query parameters of `listMessages`, but for `limit` and `cursor`.
    static let parameters = [
        "mailbox", "unread", "flagged", "answered", "keyword", "notKeyword", "from", "to", "cc", "subject", "body",
        "text",
        "header", "after", "before", "savedAfter", "savedBefore", "minSize", "maxSize", "hasAttachment", "threadId",
        "sort", "collapseThreads", "fields",
    ]

    /// Reads the filters of `listMessages`.
    package init(_ query: Query, _ faults: FaultCollector) {
        self.init(mailbox: query["mailbox"].map(MailboxReference.init))
        condition.unread = query.bool("unread", faults)
        condition.flagged = query.bool("flagged", faults)
        condition.answered = query.bool("answered", faults)
        condition.keyword = query.keyword("keyword", faults)
        condition.notKeyword = query.keyword("notKeyword", faults)
        condition.from = query["from"]
        condition.to = query["to"]
        condition.cc = query["cc"]
        condition.subject = query["subject"]
        condition.body = query["body"]
        condition.text = query["text"]
        if let text = query["header"] {
            condition.header = HeaderCondition(text: text)
            if condition.header == nil { faults.add(RequestFault(.parameter("header"), HeaderCondition.fault)) }
        }
        condition.after = query.timestamp("after", faults)
        condition.before = query.timestamp("before", faults)
        condition.savedAfter = query.timestamp("savedAfter", faults)
        condition.savedBefore = query.timestamp("savedBefore", faults)
        condition.minSize = query.integer("minSize", 0...Limits.messageSize, faults)
        condition.maxSize = query.integer("maxSize", 0...Limits.messageSize, faults)
        condition.hasAttachment = query.bool("hasAttachment", faults)
        threadID = query["threadId"].map(ThreadID.init(rawValue:))
        collapsesThreads = query.bool("collapseThreads", faults) ?? false
        if let text = query["sort"] {
            if let order = MessageSort(rawValue: text) {
                sort = order
            } else {
                faults.add(RequestFault(.parameter("sort"), "must be one of " + MessageSort.words))
            }
        }
        if let text = query["fields"] {
            let names = text.split(separator: ",", omittingEmptySubsequences: false)
            fields = Set(names.compactMap { MessageField(rawValue: String($0)) })
            if !names.allSatisfy({ MessageField(rawValue: String($0)) != nil }) {
                faults.add(RequestFault(.parameter("fields"), "must be names of a message's members in lists"))
            }
        }
    }
}

extension Query {
    fileprivate func keyword(_ name: String, _ faults: FaultCollector) -> String? {
        guard let keyword = self[name] else { return nil }
        if let fault = KeywordChanges.fault(of: keyword) { faults.add(RequestFault(.parameter(name), fault)) }
        return keyword
    }
}

extension MessageSort {
    static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension HeaderCondition {
    static let fault = "must be a field name, or one with a colon and a text, such as list-id:example"

    /// `name` or `name:text`; nil where the name is none (RFC 5322: printable ASCII but the colon).
    package init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard (1...Self.nameOctets).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A })
        else { return nil }
        let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
        self.init(name: name, value: value.isEmpty ? nil : String(value))
    }

    private static let nameOctets = 100
}
