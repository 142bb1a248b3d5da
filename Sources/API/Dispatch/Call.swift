package import HTTP
package import HTTPServer
package import Model
package import Representation

/// A request that may be done: authenticated, authorized, its body read, its query known.
package struct Call: Sendable {
    package let request: Request
    package let principal: Principal
    package let dependencies: APIDependencies
    package let query: Query
    package let mediaType: String?
    /// Empty where there is an `upload`.
    package let body: [UInt8]
    package let upload: SpooledBody?
    /// When waiting for mail servers ends.
    package let deadline: ContinuousClock.Instant
    package let idempotencyKey: String?

    package init(
        request: Request, principal: Principal, dependencies: APIDependencies, query: Query, mediaType: String?,
        body: [UInt8], upload: SpooledBody? = nil, deadline: ContinuousClock.Instant, idempotencyKey: String? = nil
    ) {
        self.request = request
        self.principal = principal
        self.dependencies = dependencies
        self.query = query
        self.mediaType = mediaType
        self.body = body
        self.upload = upload
        self.deadline = deadline
        self.idempotencyKey = idempotencyKey
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

    package func alreadyHas(_ tag: EntityTag) throws(Problem) -> Bool { try request.alreadyHas(tag) }

    package func condition(_ name: HTTPFieldName) throws(Problem) -> EntityTagCondition? {
        try request.condition(name)
    }
}

extension Request {
    /// `If-None-Match`: whether the caller has this representation already.
    package func alreadyHas(_ tag: EntityTag) throws(Problem) -> Bool {
        guard let condition = try condition(.ifNoneMatch) else { return false }
        return condition.matchesWeakly(tag)
    }

    /// An entity-tag condition; one that is none must not be taken for absent.
    package func condition(_ name: HTTPFieldName) throws(Problem) -> EntityTagCondition? {
        guard let value = fields[name] else { return nil }
        guard let condition = EntityTagCondition(value) else {
            throw .invalid([RequestFault(.header(name.text), "must be * or a list of quoted entity tags")])
        }
        return condition
    }
}
