package import HTTP
package import HTTPServer
package import Model

/// A request that may be done: authenticated, authorized, its body read, its query known.
package struct Call: Sendable {
    package let request: Request
    package let principal: Principal
    package let dependencies: APIDependencies
    package let query: Query
    package let mediaType: String?
    package let body: [UInt8]
    /// When waiting for mail servers ends.
    package let deadline: ContinuousClock.Instant

    package init(
        request: Request, principal: Principal, dependencies: APIDependencies, query: Query, mediaType: String?,
        body: [UInt8], deadline: ContinuousClock.Instant
    ) {
        self.request = request
        self.principal = principal
        self.dependencies = dependencies
        self.query = query
        self.mediaType = mediaType
        self.body = body
        self.deadline = deadline
    }

    /// The account of the path; what cannot be an id names no account.
    package func account() throws(Problem) -> AccountID {
        let text = request.parameters["account"] ?? ""
        guard let id = AccountID(validating: text) else {
            throw Problem(.accountNotFound, "There is no account of this id.")
        }
        return id
    }

    package func parameter(_ name: String) -> String { request.parameters[name] ?? "" }

    package func json() throws(Problem) -> JSONValue {
        do {
            return try JSONParser.parse(body)
        } catch {
            throw Problem(.malformedJSON, "The body is not JSON: \(error).")
        }
    }

    /// `If-None-Match`: whether the caller has this representation already.
    package func alreadyHas(_ tag: EntityTag) throws(Problem) -> Bool {
        guard let condition = try condition(.ifNoneMatch) else { return false }
        return condition.matchesWeakly(tag)
    }

    /// An entity-tag condition; one that is none must not be taken for absent.
    package func condition(_ name: HTTPFieldName) throws(Problem) -> EntityTagCondition? {
        guard let value = request.fields[name] else { return nil }
        guard let condition = EntityTagCondition(value) else {
            throw .invalid([RequestFault(.header(name.text), "must be * or a list of quoted entity tags")])
        }
        return condition
    }
}

/// The query of a request; its names were checked against the operation's already.
package struct Query: Sendable {
    private let items: [HTTPQueryItem]

    /// Refuses names that `allowed` lacks, and repetitions of all but `repeatable`.
    package init(
        _ items: [HTTPQueryItem], allowed: [String], repeatable: Set<String> = ["rcptTo"]
    ) throws(Problem) {
        let faults = FaultCollector()
        var seen: Set<String> = []
        for item in items {
            if !allowed.contains(item.name) {
                faults.add(RequestFault(.parameter(item.name), "is not known here"))
            } else if !seen.insert(item.name).inserted, !repeatable.contains(item.name) {
                faults.add(RequestFault(.parameter(item.name), "may be given once only"))
            } else if item.value.isEmpty {
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

    /// `limit` and `cursor` of every list.
    package func page(_ faults: FaultCollector) -> (limit: Int, cursor: String?) {
        (integer("limit", 1...Limits.maximumPage, faults) ?? Limits.defaultPage, self["cursor"])
    }
}
