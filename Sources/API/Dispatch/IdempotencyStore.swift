/// A POST that must happen once.
package struct IdempotentRequest: Sendable {
    /// Whose key it is: keys of different tokens never meet.
    package let principal: String
    package let key: String
    /// All that makes the request what it is: method, target, media type and body.
    package let payload: [UInt8]

    package init(principal: String, key: String, payload: [UInt8]) {
        self.principal = principal
        self.key = key
        self.payload = payload
    }
}

/// An answer as it is kept for repetition.
package struct IdempotentAnswer: Sendable {
    package let status: Int
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, fields: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// The right to do the request of one key; it ends by one of these.
package struct IdempotentClaim: Sendable {
    /// Keeps the answer for 24 hours.
    package let finish: @Sendable (IdempotentAnswer) async throws -> Void
    /// The request failed and did nothing: the key is free again.
    package let abandon: @Sendable () async -> Void

    package init(
        finish: @escaping @Sendable (IdempotentAnswer) async throws -> Void,
        abandon: @escaping @Sendable () async -> Void
    ) {
        self.finish = finish
        self.abandon = abandon
    }
}

/// What a store says to a request with a key.
package enum IdempotencyDecision: Sendable {
    /// The key is new, and ours now.
    case proceed(IdempotentClaim)
    case replay(IdempotentAnswer)
    /// The key belongs to a request with another payload.
    case mismatch
    /// The first request with this key is not finished.
    case running
}

/// Remembers POSTs for 24 hours by principal and key.
///
/// `begin` is atomic across nodes, and a claim whose process died is given up after some minutes. Answers are sealed at
/// rest: one of them may hold a token's secret.
package protocol IdempotencyStore: Sendable {
    func begin(_ request: IdempotentRequest) async throws -> IdempotencyDecision
}

/// The value of `Idempotency-Key`.
package enum IdempotencyKey {
    /// The draft RFC writes a quoted string, practice a bare one; both name the same key.
    package static func parse(_ value: String) throws(Problem) -> String {
        var key = value[...]
        if key.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") { key = key.dropFirst().dropLast() }
        let isVisible = key.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard isVisible, (1...Limits.idempotencyKey).contains(key.utf8.count) else {
            throw .invalid([
                RequestFault(
                    .header("Idempotency-Key"), "must be 1 to \(Limits.idempotencyKey) visible ASCII characters")
            ])
        }
        return String(key)
    }
}
