import Crypto
import Database
package import Model
import Wire

/// An answer as it is replayed to a caller who asks again.
package struct StoredResponse: Sendable, Equatable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func == (left: StoredResponse, right: StoredResponse) -> Bool {
        left.status == right.status && left.headers.elementsEqual(right.headers, by: ==) && left.body == right.body
    }
}

/// The right to run the request of one idempotency key; ended by `finish` or `abandon`.
package struct IdempotencyClaim: Sendable, Equatable {
    package let principal: String
    package let key: String
    /// Tells this run from one that took over later.
    fileprivate let mark: String
}

/// What `Idempotency-Key` means for a request.
package enum IdempotencyOutcome: Sendable, Equatable {
    /// Run it, then `finish`.
    case new(IdempotencyClaim)
    /// The first one still runs: 409.
    case running
    case replay(StoredResponse)
    /// The key was used with another payload: 422.
    case mismatch
}

/// The stored answers of POST requests, sealed, because an answer may hold a token's secret.
package struct IdempotencyRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer

    /// Claims the key for `principal`.
    ///
    /// `payload` is all that makes the request what it is: method, path and body.
    ///
    /// A run that neither finished nor was abandoned is taken over after five minutes: its process must have died.
    package func begin(
        key: String, principal: String, payload: [UInt8], now: Timestamp = .now()
    ) async throws -> IdempotencyOutcome {
        let claim = IdempotencyClaim(
            principal: principal, key: key, mark: Base64.encodeURLSafe(RandomOctets.make(12)))
        let fingerprint = Array(SHA256.hash(data: payload))
        let expires = now.advanced(by: Limits.idempotencyLifetime)
        let deadBefore = now.milliseconds - Limits.idempotencyTakeover.components.seconds * 1000
        let row = try await database.write { sql -> SQLRow? in
            let isOurs =
                try sql.execute(
                    """
                    INSERT INTO idempotency_keys
                        (principal, idempotency_key, fingerprint, claim, started_at, expires_at, response)
                    VALUES (\(principal), \(key), \(fingerprint), \(claim.mark), \(now.milliseconds),
                        \(expires.milliseconds), \(SQLValue.null))
                    ON CONFLICT (principal, idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint,
                        claim = excluded.claim, started_at = excluded.started_at, expires_at = excluded.expires_at,
                        response = excluded.response
                    WHERE idempotency_keys.expires_at <= \(now.milliseconds)
                        OR (idempotency_keys.response IS NULL AND idempotency_keys.started_at <= \(deadBefore)
                            AND idempotency_keys.fingerprint = excluded.fingerprint)
                    """) == 1
            if isOurs { return nil }
            return try sql.first(
                """
                SELECT fingerprint, response FROM idempotency_keys
                WHERE principal = \(principal) AND idempotency_key = \(key)
                """)
        }
        guard let row else { return .new(claim) }
        guard try row.blob("fingerprint") == fingerprint else { return .mismatch }
        guard let sealed = try row.optionalBlob("response") else { return .running }
        let octets = try sealer.open(sealed, at: Self.place(claim.principal, claim.key))
        return .replay(try Document.decode(ResponseDocument.self, from: octets, place: "idempotency_keys").response)
    }

    /// Keeps the answer for 24 hours from the start.
    ///
    /// Does nothing where another run took over.
    package func finish(_ claim: IdempotencyClaim, with response: StoredResponse) async throws {
        let sealed = try sealer.seal(
            try Document.octets(ResponseDocument(response)), at: Self.place(claim.principal, claim.key))
        try await database.execute(
            """
            UPDATE idempotency_keys SET response = \(sealed) WHERE principal = \(claim.principal)
                AND idempotency_key = \(claim.key) AND claim = \(claim.mark)
            """)
    }

    /// Forgets the key, because the request did nothing (a fault before it had any effect): the next one runs anew.
    package func abandon(_ claim: IdempotencyClaim) async throws {
        try await database.execute(
            """
            DELETE FROM idempotency_keys WHERE principal = \(claim.principal)
                AND idempotency_key = \(claim.key) AND claim = \(claim.mark)
            """)
    }

    package func removeExpired(now: Timestamp) async throws {
        try await database.execute("DELETE FROM idempotency_keys WHERE expires_at <= \(now.milliseconds)")
    }

    static func place(_ principal: String, _ key: String) -> SealedPlace {
        SealedPlace(table: "idempotency_keys", row: "\(principal)\n\(key)", column: "response")
    }
}

/// How an answer is written before it is sealed.
private struct ResponseDocument: Codable {
    var status: Int
    var headers: [[String]]
    var body: String

    init(_ response: StoredResponse) {
        status = response.status
        headers = response.headers.map { [$0.name, $0.value] }
        body = Base64.encode(response.body)
    }

    var response: StoredResponse {
        StoredResponse(
            status: status, headers: headers.compactMap { $0.count == 2 ? (name: $0[0], value: $0[1]) : nil },
            body: Base64.decode(body) ?? [])
    }
}
