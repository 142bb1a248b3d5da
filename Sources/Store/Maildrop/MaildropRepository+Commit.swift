import Database
package import Model
import Representation

/// What a look at a maildrop found, as it goes into the index.
package struct MaildropChange: Sendable {
    package var index: MailboxChange
    /// What the headers are like that were read.
    package var fingerprints: [UInt32: String] = [:]

    package init(_ index: MailboxChange) { self.index = index }
}

extension MaildropRepository {
    /// Stores what was found: rows, events, cursor and what the server calls the messages, all or nothing.
    ///
    /// As `SyncRepository.commit`, and fenced like it.
    package func commit(
        _ change: MaildropChange, _ lease: AccountLease, at time: Timestamp = .now(),
        announcing: @escaping SyncRepository.Announcing
    ) async throws -> SyncOutcome {
        let outcome = try await database.write { [events] sql in
            try LeaseRepository.check(lease, sql)
            var writer = IndexWriter(lease: lease, sql: sql)
            let mailbox = change.index.mailbox.number
            var index = change.index
            index.arrived = try Self.withOurKeywords(index.arrived, in: mailbox, sql)
            try writer.apply([index], deleted: [], at: time)
            try Self.note(change.fingerprints, in: mailbox, sql)
            for range in change.index.vanished {
                try sql.execute(
                    """
                    DELETE FROM pop3_seen WHERE mailbox = \(mailbox)
                        AND uid >= \(Int64(range.lowerBound)) AND uid <= \(Int64(range.upperBound))
                    """)
            }
            let transitions = try writer.transitions()
            let told = try events.append(announcing(transitions), at: time, in: sql)
            try Self.noteAnnounced(told, in: mailbox, sql)
            return SyncOutcome(transitions: transitions, events: told)
        }
        events.committed(outcome.events)
        return outcome
    }

    /// What somebody has given to messages that a list had shown already: no server knows of it.
    private static func withOurKeywords(
        _ arrived: [ArrivedMessage], in mailbox: Int64, _ sql: any SQLConnection
    ) throws -> [ArrivedMessage] {
        var known: [UInt32: [String]] = [:]
        for chunk in arrived.map({ Int64($0.uid) }).chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                "SELECT uid, keywords FROM messages WHERE mailbox = \(mailbox) AND uid IN \(list: chunk)")
            {
                known[UInt32(truncatingIfNeeded: try row.integer("uid"))] = try row.text("keywords")
                    .split(separator: " ").map(String.init)
            }
        }
        return arrived.map { message in
            guard let keywords = known[message.uid] else { return message }
            var message = message
            message.keywords = keywords
            message.summary?.keywords = keywords
            return message
        }
    }

    /// Which place in the log tells of which message: by that retention finds out who has acknowledged it.
    private static func noteAnnounced(_ events: [Event], in mailbox: Int64, _ sql: any SQLConnection) throws {
        for event in events where event.type == .messageCreated {
            guard case .string(let id)? = try JSONParser.parse(event.data)["id"] else { continue }
            let uids = try sql.rows("SELECT uid FROM messages WHERE email_id = \(id) AND mailbox = \(mailbox)")
                .map { try $0.integer("uid") }
            // Events get their places at the end, this after them.
            try sql.atEnd { (sql) throws(DatabaseError) in
                for uid in uids {
                    try sql.execute(
                        """
                        UPDATE pop3_seen SET announced = (SELECT sequence FROM events WHERE id = \(event.id.rawValue))
                        WHERE mailbox = \(mailbox) AND uid = \(uid) AND announced IS NULL
                        """)
                }
            }
        }
    }

    /// Gives messages keywords and takes them away, which no server is told; the events in the same transaction.
    ///
    /// It needs no lease: two that write at once change the same rows one after the other.
    package func setKeywords(
        _ changes: [String: Bool], on emails: [EmailID], of account: AccountID, at time: Timestamp = .now(),
        announcing: @escaping SyncRepository.Announcing
    ) async throws -> [EmailID: [String]] {
        let (keywords, told) = try await database.write { [events] sql in
            try MailboxIndex.hold(account, sql)
            guard let mailbox = try SyncRepository.mailboxes(of: account, sql).first(where: { $0.path == Self.path })
            else { return ([EmailID: [String]](), [Event]()) }
            var keywords: [EmailID: [String]] = [:]
            var transitions: [MessageTransition] = []
            for chunk in Set(emails).map(\.rawValue).sorted().chunks(of: Limits.keysInStatement) {
                for row in try sql.rows(
                    """
                    SELECT uid, email_id, thread_id, keywords FROM messages
                    WHERE email_id IN \(list: chunk) AND mailbox = \(mailbox.number)
                    """)
                {
                    let email = EmailID(rawValue: try row.text("email_id"))
                    let before = try row.text("keywords").split(separator: " ").map(String.init)
                    let after = Set(before).union(changes.filter(\.value).keys)
                        .subtracting(changes.filter { !$0.value }.keys).sorted()
                    keywords[email] = after
                    guard after != before else { continue }
                    let uid = try row.integer("uid")
                    try sql.execute(
                        """
                        UPDATE messages SET keywords = \(after.joined(separator: " "))
                        WHERE mailbox = \(mailbox.number) AND uid = \(uid)
                        """)
                    // What is not announced yet comes with its keywords when it is.
                    guard uid < Int64(mailbox.cursor.uidNext) else { continue }
                    transitions.append(
                        MessageTransition(
                            email: email, thread: ThreadID(rawValue: try row.text("thread_id")), before: [mailbox.id],
                            after: [mailbox.id], rolesBefore: [.inbox], rolesAfter: [.inbox], keywordsBefore: before,
                            keywords: after))
                }
            }
            return (keywords, try events.append(announcing(transitions), at: time, in: sql))
        }
        events.committed(told)
        return keywords
    }

    /// The keywords of all messages of the maildrop that the index has, by UID.
    package func keywords(in mailbox: Int64) async throws -> [UInt32: [String]] {
        try await database.read { sql in
            var keywords: [UInt32: [String]] = [:]
            for row in try sql.rows(
                "SELECT uid, keywords FROM messages WHERE mailbox = \(mailbox) AND keywords <> '' AND uid > 0")
            {
                keywords[UInt32(truncatingIfNeeded: try row.integer("uid"))] = try row.text("keywords")
                    .split(separator: " ").map(String.init)
            }
            return keywords
        }
    }
}
