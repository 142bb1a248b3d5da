import HTTP
package import HTTPServer
import Model
import Representation

/// What happens to every request before its handler runs, in this order: who, whether, what, how large, whether again.
package struct Dispatcher: Sendable {
    let operation: Operation
    let dependencies: APIDependencies

    package init(operation: Operation, dependencies: APIDependencies) {
        self.operation = operation
        self.dependencies = dependencies
    }

    package func respond(to request: Request) async throws -> HTTPResponse {
        let principal = try await authenticate(request)
        let account = account(of: request)
        var limits = HTTPFields()
        do {
            try Access.check(principal, from: request.peer)
            // Who may not use an account does not use up what it may be asked either.
            let counted = account.flatMap { principal.may(use: $0) ? $0 : nil }
            limits = try dependencies.rates.enter(principal, counted)
            defer { dependencies.rates.leave(principal, counted) }
            var response = try await answer(request, principal)
            response.fields.append(contentsOf: limits)
            audit(request, principal, account ?? response.madeAccount, response.status)
            return response
        } catch {
            guard var problem = Problem(expected: error) else {
                audit(request, principal, account, .internalServerError)
                throw error
            }
            audit(request, principal, account, problem.slug.status)
            problem.fields.append(contentsOf: limits)
            throw problem
        }
    }

    /// Reading changes nothing, and is not noted.
    private func audit(_ request: Request, _ principal: Principal, _ account: AccountID?, _ status: HTTPStatus) {
        guard operation.method != .get, operation.scopes != [.read] else { return }
        dependencies.audit.note(
            AuditEntry(
                principal: principal.id, operation: operation.id, account: account, status: status.code,
                address: request.peer.isEmpty ? nil : request.peer, requestID: request.id.isEmpty ? nil : request.id))
    }

    private func answer(_ request: Request, _ principal: Principal) async throws -> HTTPResponse {
        try Access.check(principal, operation, account: account(of: request))
        let query = try Query(request.target.queryItems, allowed: operation.query)
        let mediaType = try acceptedType(of: request)
        let key = try idempotencyKey(of: request)
        let limit = operation.accepts.isEmpty ? Limits.unwantedBody : dependencies.maxBodyBytes
        let upload = try await upload(of: request, mediaType)
        let body = takesBody && upload == nil ? try await request.body.collect(upTo: limit) : []
        if operation.accepts.isEmpty, takesBody, !body.isEmpty { try refuseMembers(body) }
        let wait = operation.waits ? Preferences(request.fields[.prefer]).wait : nil
        let seconds = min(max(wait ?? Limits.defaultWait, 1), Limits.maximumWait)
        let call = Call(
            request: request, principal: principal, dependencies: dependencies, query: query, mediaType: mediaType,
            body: body, upload: upload, deadline: .now + .seconds(seconds), idempotencyKey: key)
        var response = try await once(call, key: key)
        if wait != nil { response.fields.append(.preferenceApplied, "wait=\(seconds)") }
        return response
    }

    /// The body as a file, where the operation wants it so.
    private func upload(of request: Request, _ mediaType: String?) async throws -> SpooledBody? {
        guard let mediaType, operation.spools.contains(mediaType) else { return nil }
        let spooled = try await dependencies.spool(request.body, dependencies.maxMessageBytes)
        guard mediaType == "multipart/form-data" else { return spooled }
        return try await spooled.asForm(boundary: request.fields[.contentType].flatMap { MediaType($0)?["boundary"] })
    }

    private func authenticate(_ request: Request) async throws -> Principal {
        guard let bearer = try Access.bearer(request.fields[.authorization]) else {
            return try await ticketHolder(request)
        }
        guard let principal = try await dependencies.tokens.principal(bearer: bearer) else { throw Access.invalidToken }
        return principal
    }

    private func ticketHolder(_ request: Request) async throws -> Principal {
        let ticket = request.target.queryItems.first { $0.name == "ticket" }?.value
        guard operation.takesTicket, let ticket else { throw Access.unauthenticated }
        guard let principal = try await dependencies.events.principal(ticket: ticket) else {
            throw Access.invalidTicket
        }
        return principal
    }

    /// What cannot be an id is an account that no bound token has, and that the handler then does not find.
    private func account(of request: Request) -> AccountID? {
        operation.isOfAccount ? AccountID(rawValue: request.parameters["account"] ?? "") : nil
    }

    private var takesBody: Bool { [.post, .put, .patch].contains(operation.method) }

    private func acceptedType(of request: Request) throws(Problem) -> String? {
        guard takesBody else { return nil }
        let accepts = operation.accepts.isEmpty ? ["application/json"] : operation.accepts
        guard let value = request.fields[.contentType] else {
            if operation.accepts.isEmpty { return nil }
            throw Problem(
                .unsupportedMediaType, "Content-Type is missing; it must be \(accepts.joined(separator: " or ")).")
        }
        let type = MediaType(value)
        guard let type, accepts.contains(type.essence) else {
            if operation.accepts.isEmpty, request.body.isEmpty { return nil }
            throw Problem(.unsupportedMediaType, "Content-Type must be \(accepts.joined(separator: " or ")).")
        }
        guard !type.isJSON || type.charset == nil || type.charset == "utf-8" else {
            throw Problem(.unsupportedMediaType, "JSON is UTF-8, always.")
        }
        return type.essence
    }

    /// An operation that takes nothing accepts `{}`, which many clients send with every POST, and no member.
    private func refuseMembers(_ body: [UInt8]) throws(Problem) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(body)
        } catch {
            throw Problem(.malformedJSON, "The body is not JSON: \(error).")
        }
        _ = try value.read { _ in true }
    }

    private func idempotencyKey(of request: Request) throws(Problem) -> String? {
        guard operation.method == .post, let value = request.fields[.idempotencyKey] else { return nil }
        return try IdempotencyKey.parse(value)
    }

    private func once(_ call: Call, key: String?) async throws -> HTTPResponse {
        guard let key, let store = dependencies.idempotency else { return try await operation.handler(call) }
        let head = "\(operation.method) \(call.request.target.raw)\n\(call.mediaType ?? "")\n"
        let request = IdempotentRequest(
            principal: call.principal.id, key: key, payload: Array(head.utf8) + (call.upload?.digest ?? call.body))
        return try await IdempotentExchange(store: store, request: request, logger: dependencies.logger)
            .respond { [operation] in try await operation.handler(call) }
    }
}

extension HTTPResponse {
    /// The account that this answer says was made.
    fileprivate var madeAccount: AccountID? {
        guard let path = fields[.location]?.split(separator: "/"), path.count == 3, path[0] == "v1",
            path[1] == "accounts"
        else { return nil }
        return AccountID(rawValue: String(path[2]))
    }
}
