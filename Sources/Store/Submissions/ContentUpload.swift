import Database
package import Model

/// A message on its way into the store, in sealed chunks, so that its size never matters to memory or to a row.
///
/// Full chunks are written as they come; the rest goes with the submission's own transaction. An upload that is given up
/// leaves chunks behind that `MailStore.sweep` removes.
package struct ContentUpload: Sendable {
    let id: String
    let account: AccountID
    private let createdAt: Timestamp
    private let database: any SQLDatabase
    private let sealer: Sealer
    private var buffer: [UInt8] = []
    /// The chunk that is written next; the first one is left free for what only the end shows.
    private var position: Int
    private var isBegun = false
    /// Octets taken so far.
    package private(set) var size = 0
    /// What those need of a server.
    package var kind: ContentKind { scan.kind }
    private var scan = ContentScan()

    init(
        account: AccountID, createdAt: Timestamp, database: any SQLDatabase, sealer: Sealer, leavesRoom: Bool
    ) {
        position = leavesRoom ? 1 : 0
        id = IdentifierGenerator.make(prefix: "blob")
        self.account = account
        self.createdAt = createdAt
        self.database = database
        self.sealer = sealer
    }

    package mutating func append(_ octets: [UInt8]) async throws {
        scan.add(octets)
        var rest = octets[...]
        while !rest.isEmpty {
            if buffer.count == Limits.contentChunk { try await writeChunk() }
            let piece = rest.prefix(Limits.contentChunk - buffer.count)
            buffer.append(contentsOf: piece)
            rest = rest.dropFirst(piece.count)
            size += piece.count
        }
    }

    /// Puts octets before all that came: once, and only where room was left for them.
    package mutating func prepend(_ octets: [UInt8]) async throws {
        size += octets.count
        if !isBegun, position == 1 {
            buffer.insert(contentsOf: octets, at: 0)
            position = 0
        } else {
            try await write(octets, at: 0)
        }
    }

    /// Octets that are still in memory.
    package var held: Int { buffer.count }

    /// Puts what is in memory into the store, where many uploads wait for each other.
    package mutating func flush() async throws {
        if !buffer.isEmpty { try await writeChunk() }
    }

    /// The last chunk; that it is the last one, and whose, is sealed with it: a cut or exchanged message does not open.
    func sealedRest(of submission: SubmissionID) throws(StoreError) -> (position: Int, sealed: [UInt8]) {
        (position, try sealer.seal(buffer, at: Self.place(id, position, lastOf: submission)))
    }

    private mutating func writeChunk() async throws {
        try await write(buffer, at: position)
        buffer.removeAll(keepingCapacity: true)
        position += 1
    }

    private mutating func write(_ octets: [UInt8], at position: Int) async throws {
        let sealed = try sealer.seal(octets, at: Self.place(id, position, lastOf: nil))
        let (id, account, createdAt, isBegun) = (id, account.rawValue, createdAt.milliseconds, isBegun)
        try await database.write { sql in
            if !isBegun {
                try sql.execute(
                    """
                    INSERT INTO blobs (id, account_id, is_owned, created_at) VALUES (\(id), \(account), 0, \(createdAt))
                    """)
            }
            try sql.execute(
                "INSERT INTO blob_chunks (blob_id, position, sealed) VALUES (\(id), \(position), \(sealed))")
        }
        self.isBegun = true
    }

    static func place(_ id: String, _ position: Int, lastOf submission: SubmissionID?) -> SealedPlace {
        let end = submission.map { "/last/\($0)" } ?? ""
        return SealedPlace(table: "blob_chunks", row: id, column: "\(position)\(end)")
    }
}

/// Looks for octets over 127, in the header and at all.
private struct ContentScan {
    private(set) var kind = ContentKind()
    private var isInHeader = true
    private var lineIsEmpty = true

    mutating func add(_ octets: [UInt8]) {
        if !kind.isEightBit, octets.contains(where: { $0 >= 0x80 }) { kind.isEightBit = true }
        guard isInHeader else { return }
        for octet in octets {
            switch octet {
            case 0x0A:
                if lineIsEmpty {
                    isInHeader = false
                    return
                }
                lineIsEmpty = true
            case 0x0D: break
            default:
                lineIsEmpty = false
                if octet >= 0x80 { kind.hasInternationalHeader = true }
            }
        }
    }
}
