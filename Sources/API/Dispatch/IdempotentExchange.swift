import HTTP
package import HTTPServer
package import Logging

/// Runs one POST under its key.
///
/// Only successes are kept: a refusal changed nothing, and whoever corrects a request may keep its key.
package struct IdempotentExchange: Sendable {
    private let store: any IdempotencyStore
    private let request: IdempotentRequest
    private let logger: Logger

    package init(store: any IdempotencyStore, request: IdempotentRequest, logger: Logger) {
        self.store = store
        self.request = request
        self.logger = logger
    }

    package func respond(
        _ handler: @escaping @Sendable () async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        switch try await store.begin(request) {
        case .proceed(let claim):
            // A client that goes away cancels its request. The deed and the note of it must not part then: what was
            // begun under a key is ended, in a task that nothing cancels and that the request's deadline bounds.
            return try await Task(name: "idempotent request") { [logger] in
                try await Self.proceed(claim, logger, handler)
            }.value
        case .replay(let answer): return HTTPResponse(answer)
        case .mismatch:
            throw Problem(
                .idempotencyKeyReused, "The key was used for another request.", errors: [fault("was used before")])
        case .running:
            throw Problem(
                .idempotencyInProgress, "The first request with this key is not finished.",
                errors: [fault("is in use")])
        }
    }

    private func fault(_ detail: String) -> RequestFault { RequestFault(.header("Idempotency-Key"), detail) }

    private static func proceed(
        _ claim: IdempotentClaim, _ logger: Logger, _ handler: @Sendable () async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try await handler()
        } catch {
            await claim.abandon()
            throw error
        }
        guard (200..<300).contains(response.status.code), let answer = IdempotentAnswer(response) else {
            await claim.abandon()
            return response
        }
        do {
            try await claim.finish(answer)
        } catch {
            // The deed is done and the caller must hear of it; a repetition is refused until the claim is given up.
            logger.error("idempotent answer not kept", metadata: ["error": "\(error)"])
        }
        return response
    }
}

extension IdempotentAnswer {
    /// Nil for a streamed body, which no POST has.
    fileprivate init?(_ response: HTTPResponse) {
        let body: [UInt8]
        switch response.body {
        case .none: body = []
        case .bytes(let bytes): body = bytes
        case .stream: return nil
        }
        self.init(status: response.status.code, fields: Array(response.fields), body: body)
    }
}

extension HTTPResponse {
    fileprivate init(_ answer: IdempotentAnswer) {
        var fields = HTTPFields()
        for field in answer.fields {
            if let name = HTTPFieldName(field.name) { fields.append(name, field.value) }
        }
        self.init(HTTPStatus(answer.status), fields: fields, body: answer.body.isEmpty ? .none : .bytes(answer.body))
    }
}
