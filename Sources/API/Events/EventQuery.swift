import HTTP
import HTTPServer
import Model

/// What `listEvents` is asked for, however the answer goes out.
struct EventQuery {
    let filter: EventFilter
    /// The place to go on after; nil where none was named.
    let after: Int64?
    let limit: Int
    /// Seconds for which to wait for a first event.
    let wait: Int

    init(_ call: Call, isStream: Bool) throws {
        let faults = FaultCollector()
        let types = Self.list("types", call.query, faults, "is no event type") { EventType(rawValue: $0) }
        let accounts = Self.list("account", call.query, faults, "is no account id") { AccountID(validating: $0) }
        var after = call.query.integer("after", 0...Int.max, faults).map { Int64($0) }
        // A browser comes back with this field, and with the query that it began with.
        if isStream, let text = call.request.fields[.lastEventID], !text.isEmpty {
            after = Int64(text)
            if after.map({ $0 < 0 }) ?? true {
                faults.add(RequestFault(.header("Last-Event-ID"), "must be the id of an event of this stream"))
            }
        }
        limit = call.query.integer("limit", 1...Limits.maximumPage, faults) ?? Limits.defaultPage
        wait = call.query.integer("wait", 0...Limits.maximumPoll, faults) ?? 0
        if isStream {
            for name in ["limit", "wait"] where call.query[name] != nil {
                faults.add(RequestFault(.parameter(name), "means nothing to a stream"))
            }
        }
        try faults.check()
        for account in accounts ?? [] where !call.principal.may(use: account) {
            throw Problem(.accountForbidden, "The token is not bound to the account \(account).")
        }
        self.after = after
        filter = EventFilter(types: types, accounts: accounts ?? call.principal.accounts)
    }

    /// Names between commas.
    private static func list<Element: Hashable>(
        _ name: String, _ query: Query, _ faults: FaultCollector, _ fault: String, _ read: (String) -> Element?
    ) -> Set<Element>? {
        guard let text = query[name] else { return nil }
        var elements: Set<Element> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if let element = read(String(part)) {
                elements.insert(element)
            } else {
                faults.add(RequestFault(.parameter(name), "\(fault): \(part.prefix(100))"))
            }
        }
        return elements
    }
}
