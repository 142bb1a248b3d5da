import Database
import Model

/// A message with the id and the conversation that it has from now on.
struct PlacedMessage: Sendable {
    var arrived: ArrivedMessage
    var email: EmailID
    var thread: ThreadID
}

/// Gives messages their ids and conversations: those of rows that exist, else what the message itself says.
///
/// Rows are looked up one by one inside a statement: of `IN` with hundreds of values PostgreSQL compares each with every row of the
/// mailbox, until it has statistics of the table.
struct MessagePlacer {
    /// The account's short number.
    let account: Int64
    let sql: any SQLConnection

    /// In UID order, so that of two messages with one digest the older has the plain id.
    func place(_ arrived: [ArrivedMessage], in mailbox: Int64) throws -> [PlacedMessage] {
        let arrived = arrived.sorted { $0.uid < $1.uid }
        var emails = try existing(arrived.map(\.uid), in: mailbox)
        var taken = try taken(by: arrived.map(\.identity.email), in: mailbox)
        var joined = try joined(arrived)
        var new: [Int64: ThreadID] = [:]
        let placed = arrived.map { message -> PlacedMessage in
            let known = emails.removeValue(forKey: message.uid)
            let email = known?.email ?? free(message.identity, &taken)
            let thread = known?.thread ?? thread(of: message.identity.thread, &joined, &new)
            return PlacedMessage(arrived: message, email: email, thread: thread)
        }
        try remember(new)
        return placed
    }

    static func insertion(of placed: [PlacedMessage], into mailbox: Int64, replacing: Bool) -> SQL {
        var values: SQL = ""
        for (index, message) in placed.enumerated() {
            let arrived = message.arrived
            let separator: SQL = index == 0 ? "" : ", "
            values = """
                \(values)\(separator)(\(mailbox), \(Int64(arrived.uid)), \(message.email.rawValue), \(message.thread.rawValue), \
                \(arrived.keywords.joined(separator: " ")), \(arrived.receivedAt.milliseconds), \(arrived.size), 0)
                """
        }
        let conflict: SQL =
            replacing
            ? "ON CONFLICT (mailbox, uid) DO UPDATE SET keywords = excluded.keywords"
            : "ON CONFLICT (mailbox, uid) DO NOTHING"
        return """
            INSERT INTO messages (mailbox, uid, email_id, thread_id, keywords, received_at, size, is_leaving)
            VALUES \(values) \(conflict)
            """
    }

    // MARK: Ids

    private func existing(
        _ uids: [UInt32], in mailbox: Int64
    ) throws -> [UInt32: (email: EmailID, thread: ThreadID)] {
        var found: [UInt32: (email: EmailID, thread: ThreadID)] = [:]
        for chunk in uids.chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                """
                WITH wanted (uid) AS (VALUES \(rows: chunk.map { [Int64($0).sqlValue] }))
                SELECT uid,
                    (SELECT email_id FROM messages WHERE mailbox = \(mailbox) AND uid = wanted.uid) AS email_id,
                    (SELECT thread_id FROM messages WHERE mailbox = \(mailbox) AND uid = wanted.uid) AS thread_id
                FROM wanted
                """)
            {
                guard let email = try row.optionalText("email_id"), let thread = try row.optionalText("thread_id")
                else { continue }
                found[UInt32(truncatingIfNeeded: try row.integer("uid"))] = (
                    EmailID(rawValue: email), ThreadID(rawValue: thread)
                )
            }
        }
        return found
    }

    /// Which of these ids other messages of the mailbox have already.
    ///
    /// The plus keeps databases from reading the whole mailbox instead.
    private func taken(by emails: [EmailID], in mailbox: Int64) throws -> Set<EmailID> {
        var taken: Set<EmailID> = []
        for chunk in emails.map(\.rawValue).chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                """
                WITH wanted (id) AS (VALUES \(rows: chunk.map { [$0.sqlValue] }))
                SELECT id FROM wanted
                WHERE (SELECT COUNT(*) FROM messages WHERE email_id = wanted.id AND +mailbox = \(mailbox)
                    AND +uid <= \(Int64(UInt32.max))) > 0
                """)
            {
                let base = EmailID(rawValue: try row.text("id"))
                taken.insert(base)
                // Rare enough to ask one by one.
                for other in try sql.rows(
                    """
                    SELECT email_id FROM messages WHERE email_id > \(base.rawValue + "-")
                        AND email_id < \(base.rawValue + ".") AND +mailbox = \(mailbox)
                        AND +uid <= \(Int64(UInt32.max))
                    """)
                {
                    taken.insert(EmailID(rawValue: try other.text("email_id")))
                }
            }
        }
        return taken
    }

    private func free(_ identity: MessageIdentity, _ taken: inout Set<EmailID>) -> EmailID {
        if taken.insert(identity.email).inserted { return identity.email }
        var count = 2
        while true {
            let email = EmailID(rawValue: "\(identity.email.rawValue)-\(count)")
            if taken.insert(email).inserted { return email }
            count += 1
        }
    }

    // MARK: Conversations

    private func joined(_ arrived: [ArrivedMessage]) throws -> [Int64: ThreadID] {
        var hashes: Set<Int64> = []
        for message in arrived {
            if case .references(let references, _) = message.identity.thread { hashes.formUnion(references) }
        }
        var joined: [Int64: ThreadID] = [:]
        for chunk in hashes.sorted().chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                """
                WITH wanted (hash) AS (VALUES \(rows: chunk.map { [$0.sqlValue] }))
                SELECT hash,
                    (SELECT thread_id FROM thread_refs WHERE account = \(account) AND hash = wanted.hash) AS thread_id
                FROM wanted
                """)
            {
                guard let thread = try row.optionalText("thread_id") else { continue }
                joined[try row.integer("hash")] = ThreadID(rawValue: thread)
            }
        }
        return joined
    }

    /// The conversation of the first message named that has one; every other it names belongs there from now on.
    private func thread(
        of clue: ThreadClue, _ joined: inout [Int64: ThreadID], _ new: inout [Int64: ThreadID]
    ) -> ThreadID {
        guard case .references(let hashes, let fallback) = clue else { return clue.thread }
        var thread = fallback
        if let known = hashes.first(where: { [joined] in joined[$0] != nil }) { thread = joined[known] ?? fallback }
        for hash in hashes where joined[hash] == nil {
            joined[hash] = thread
            new[hash] = thread
        }
        return thread
    }

    private func remember(_ new: [Int64: ThreadID]) throws {
        for chunk in new.sorted(by: { $0.key < $1.key }).chunks(of: Limits.rowsInStatement) {
            var values: SQL = ""
            for (index, entry) in chunk.enumerated() {
                let separator: SQL = index == 0 ? "" : ", "
                values = "\(values)\(separator)(\(account), \(entry.key), \(entry.value.rawValue))"
            }
            try sql.execute(
                """
                INSERT INTO thread_refs (account, hash, thread_id) VALUES \(values)
                ON CONFLICT (account, hash) DO NOTHING
                """)
        }
    }
}
