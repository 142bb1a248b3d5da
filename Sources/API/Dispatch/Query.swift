package import HTTP
package import Model

/// The query of a request; its names were checked against the operation's already.
package struct Query: Sendable {
    private let items: [HTTPQueryItem]

    /// Refuses names that `allowed` lacks, repetitions of all but `rcptTo`, and empty values but an empty `mailFrom`,
    /// which is the sender of reports (RFC 5321 section 4.5.5).
    package init(_ items: [HTTPQueryItem], allowed: [String]) throws(Problem) {
        let faults = FaultCollector()
        var seen: Set<String> = []
        for item in items {
            if !allowed.contains(item.name) {
                faults.add(RequestFault(.parameter(item.name), "is not known here"))
            } else if !seen.insert(item.name).inserted, item.name != "rcptTo" {
                faults.add(RequestFault(.parameter(item.name), "may be given once only"))
            } else if item.value.isEmpty, item.name != "mailFrom" {
                faults.add(RequestFault(.parameter(item.name), "must not be empty"))
            } else if item.value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                faults.add(RequestFault(.parameter(item.name), "must not hold control characters"))
            }
        }
        try faults.check()
        self.items = items
    }

    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    package func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    package func bool(_ name: String, _ faults: FaultCollector) -> Bool? {
        switch self[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default:
            faults.add(RequestFault(.parameter(name), "must be true or false"))
            return nil
        }
    }

    package func integer(_ name: String, _ range: ClosedRange<Int>, _ faults: FaultCollector) -> Int? {
        guard let text = self[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let bounds =
                range.upperBound == .max
                ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            faults.add(RequestFault(.parameter(name), "must be an integer \(bounds)"))
            return nil
        }
        return value
    }

    package func timestamp(_ name: String, _ faults: FaultCollector) -> Timestamp? {
        guard let text = self[name] else { return nil }
        guard let value = Timestamp(rfc3339: text) else {
            faults.add(RequestFault(.parameter(name), "must be an RFC 3339 time or a date such as 2026-11-23"))
            return nil
        }
        return value
    }
}
