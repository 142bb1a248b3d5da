import Crypto
import Database
package import Model
package import Wire

/// Authorizations under way, and their results until they are fetched.
package struct AuthorizationRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer

    private static let columns: SQL = "id, status, sealed, created_at, expires_at"

    package func insert(_ record: AuthorizationRecord, link: Secret) async throws {
        let authorization = record.authorization
        let sealed = try seal(record)
        let digest = Self.digest(link)
        try await database.execute(
            """
            INSERT INTO authorizations (\(Self.columns), link) VALUES (
                \(authorization.id), \(authorization.status.rawValue), \(sealed),
                \(authorization.createdAt.milliseconds), \(authorization.expiresAt.milliseconds), \(digest))
            """)
    }

    package func find(_ id: String) async throws -> AuthorizationRecord? { try await first(where: "id = \(id)") }

    /// That of the page whose link this is.
    package func find(link: Secret) async throws -> AuthorizationRecord? {
        let digest = Self.digest(link)
        return try await first(where: "link = \(digest)")
    }

    /// Takes the state back: an answer of the provider is believed once (RFC 9700 section 4.7.1).
    package func take(state: Secret) async throws -> AuthorizationRecord? {
        let digest = Self.digest(state)
        let row = try await database.write { sql in
            try sql.first(
                "UPDATE authorizations SET state = NULL WHERE state = \(digest) RETURNING \(Self.columns)")
        }
        return try row.map(record)
    }

    /// Takes the result: it is given once.
    package func take(result: Secret) async throws -> AuthorizationRecord? {
        let digest = Self.digest(result)
        let row = try await database.write { sql in
            try sql.first(
                "UPDATE authorizations SET result = NULL WHERE result = \(digest) RETURNING \(Self.columns)")
        }
        return try row.map(record)
    }

    /// Stores what became of a pending one, with the digests of new secrets; false where it is not pending any more.
    package func update(
        _ record: AuthorizationRecord, state: Secret? = nil, result: Secret? = nil
    ) async throws -> Bool {
        let sealed = try seal(record)
        let (state, result) = (state.map(Self.digest), result.map(Self.digest))
        return try await database.execute(
            """
            UPDATE authorizations SET sealed = \(sealed), status = \(record.authorization.status.rawValue),
                state = \(state), result = \(result)
            WHERE id = \(record.authorization.id) AND status = \(Authorization.Status.pending.rawValue)
            """) == 1
    }

    /// Takes the turn to ask a provider about a device, until `time` has passed or `update` tells of another; nil where it is not
    /// time to ask, or somebody else is asking.
    package func takePoll(
        _ id: String, for time: Duration, now: Timestamp
    ) async throws -> AuthorizationRecord? {
        try await database.write { sql in
            let row = try sql.first(
                """
                SELECT \(Self.columns) FROM authorizations
                WHERE id = \(id) AND status = \(Authorization.Status.pending.rawValue)\(sql.dialect.lockingRows)
                """)
            guard let row else { return nil }
            let record = try self.record(row)
            guard record.pollAt.map({ $0 <= now }) ?? true else { return nil }
            var taken = record
            taken.pollAt = now.advanced(by: time)
            let sealed = try seal(taken)
            try sql.execute("UPDATE authorizations SET sealed = \(sealed) WHERE id = \(id)")
            return record
        }
    }

    package func removeExpired(now: Timestamp) async throws {
        try await database.execute("DELETE FROM authorizations WHERE expires_at <= \(now.milliseconds)")
    }

    private func first(where condition: SQL) async throws -> AuthorizationRecord? {
        let row = try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM authorizations WHERE \(condition)")
        }
        return try row.map(record)
    }

    private func record(_ row: SQLRow) throws -> AuthorizationRecord {
        let id = try row.text("id")
        guard let status = Authorization.Status(rawValue: try row.text("status")) else {
            throw StoreError.unreadable("authorizations/status")
        }
        let octets = try sealer.open(try row.blob("sealed"), at: Self.place(id))
        return try Document.decode(AuthorizationDocument.self, from: octets, place: "authorizations/sealed").record(
            id, status, Timestamp(milliseconds: try row.integer("created_at")),
            Timestamp(milliseconds: try row.integer("expires_at")))
    }

    private func seal(_ record: AuthorizationRecord) throws -> [UInt8] {
        try sealer.seal(
            try Document.octets(AuthorizationDocument(record)), at: Self.place(record.authorization.id))
    }

    static func place(_ id: String) -> SealedPlace {
        SealedPlace(table: "authorizations", row: id, column: "sealed")
    }

    private static func digest(_ secret: Secret) -> [UInt8] { Array(SHA256.hash(data: secret.utf8)) }
}
