import Database
package import Model

/// Reads a stored message chunk by chunk.
package struct ContentReader: Sendable {
    /// Octets of the whole message.
    package let size: Int
    private let submission: SubmissionID
    private let blob: String
    private let count: Int
    private var position = 0
    private let database: any SQLDatabase
    private let sealer: Sealer

    init(
        of submission: SubmissionID, size: Int, blob: String, count: Int, database: any SQLDatabase, sealer: Sealer
    ) {
        self.submission = submission
        self.size = size
        self.blob = blob
        self.count = count
        self.database = database
        self.sealer = sealer
    }

    /// The next chunk, of at most 256 KiB; nil at the end.
    package mutating func next() async throws -> [UInt8]? {
        guard position < count else { return nil }
        let (blob, position) = (blob, position)
        let row = try await database.read { sql in
            try sql.first(
                "SELECT sealed FROM blob_chunks WHERE blob_id = \(blob) AND position = \(position)")
        }
        let place = ContentUpload.place(blob, position, lastOf: position == count - 1 ? submission : nil)
        guard let row else { throw StoreError.tampered(place.description) }
        let chunk = try sealer.open(try row.blob("sealed"), at: place)
        self.position += 1
        return chunk
    }
}

extension SubmissionRepository {
    /// Starts to take a message piece by piece; hand the upload to `insert`.
    ///
    /// `leavingRoom` where `prepend` will be called in the end.
    package func beginContent(
        for account: AccountID, at time: Timestamp = .now(), leavingRoom: Bool = false
    ) -> ContentUpload {
        ContentUpload(
            account: account, createdAt: time, database: database, sealer: sealer, leavesRoom: leavingRoom)
    }

    /// The message of a submission; nil where it was removed, because it is final.
    package func content(of id: SubmissionID) async throws -> ContentReader? {
        let row = try await database.read { sql in
            try sql.first(
                """
                SELECT blob_id, size, (SELECT COUNT(*) FROM blob_chunks WHERE blob_chunks.blob_id = submissions.blob_id)
                    AS chunks
                FROM submissions WHERE id = \(id.rawValue) AND blob_id IS NOT NULL
                """)
        }
        guard let row else { return nil }
        return ContentReader(
            of: id, size: Int(try row.integer("size")), blob: try row.text("blob_id"),
            count: Int(try row.integer("chunks")), database: database, sealer: sealer)
    }

    /// Removes chunks of uploads that were given up.
    func removeUnownedContent(now: Timestamp) async throws {
        let before = now.milliseconds - Limits.unownedBlobLifetime.components.seconds * 1000
        try await database.execute("DELETE FROM blobs WHERE is_owned = 0 AND created_at <= \(before)")
    }
}
