package import Database
package import Model

/// The event log: one order for everything that happens, kept for some days.
///
/// An event is written in the transaction of the change that it tells of, so there is never one without the other. Whoever
/// appends calls `committed` once that transaction has returned.
package struct EventRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    /// Rung when there is more to read; see there how to wait without losing a ring.
    package let signal = EventSignal()
    package let counts = EventCounts()

    /// Gives the drafts the next places in the log, in the transaction of the change that they tell of.
    ///
    /// The places are given at its very end, because from there to the commit no other transaction can append: the events that
    /// this returns have the sequence 0.
    package func append(
        _ drafts: [EventDraft], at time: Timestamp, in sql: any SQLConnection
    ) throws -> [Event] {
        guard !drafts.isEmpty else { return [] }
        let events = drafts.map { draft in
            Event(
                id: EventID(rawValue: IdentifierGenerator.make(prefix: "evt")), sequence: 0, type: draft.type,
                timestamp: time, accountID: draft.accountID, data: draft.data)
        }
        let sealed = try events.map { event in (event: event, payload: try seal(event)) }
        try sql.atEnd { (sql) throws(DatabaseError) in try Self.insert(sealed, sql) }
        return events
    }

    private static func insert(
        _ events: [(event: Event, payload: [UInt8])], _ sql: any SQLConnection
    ) throws(DatabaseError) {
        let counter = try sql.first(
            "UPDATE event_counter SET last = last + \(Int64(events.count)) WHERE id = 1 RETURNING last")
        guard var sequence = try counter?.integer("last") else {
            throw .column("event_counter", problem: "has no row")
        }
        sequence -= Int64(events.count)
        for chunk in events.chunks(of: Limits.rowsInStatement) {
            var values: SQL = ""
            for (index, (event, payload)) in chunk.enumerated() {
                let separator: SQL = index == 0 ? "" : ", "
                sequence += 1
                values = """
                    \(values)\(separator)(\(sequence), \(event.id.rawValue), \(event.accountID?.rawValue), \(event.type.rawValue), \
                    \(event.timestamp.milliseconds), \(payload))
                    """
            }
            try sql.execute(
                "INSERT INTO events (sequence, id, account_id, type, created_at, payload) VALUES \(values)")
        }
    }

    /// Tells everybody who follows the log; after the transaction that appended these has been committed.
    package func committed(_ events: [Event]) {
        guard !events.isEmpty else { return }
        counts.add(events)
        signal.ring()
        database.tell("events")
    }

    /// What comes after a place in the log: in order, at most `limit`, each one that the filter wants.
    ///
    /// It looks at a bounded stretch of the log. `next` is where to go on: with a page that is not full it lies behind events that
    /// the filter did not want, and nothing remains when it has reached `newest`. Throws `EventLogError` where the place is
    /// not in the log any more: never a silent gap.
    package func page(after: Int64, filter: EventFilter = .all, limit: Int) async throws -> EventPage {
        let limit = pageSize(limit)
        let types: SQL = filter.types.map { "AND type IN \(list: $0.map(\.rawValue).sorted())" } ?? ""
        let accounts: SQL = filter.accounts.map { "AND account_id IN \(list: $0.map(\.rawValue).sorted())" } ?? ""
        let (rows, ends) = try await database.read { sql in
            let ends = try Self.ends(sql)
            try ends.check(after)
            guard after < ends.newest else { return ([SQLRow](), ends) }
            let rows = try sql.rows(
                """
                SELECT \(Self.columns) FROM events
                WHERE sequence > \(after) AND sequence <= \(after + Limits.eventsPerLook) \(types) \(accounts)
                ORDER BY sequence LIMIT \(limit)
                """)
            return (rows, ends)
        }
        let events = try rows.map(event)
        let end = min(after + Limits.eventsPerLook, ends.newest)
        return EventPage(
            events: events, next: events.count == limit ? events.last?.sequence ?? end : end, ends: ends)
    }

    /// One event, as long as it is kept.
    package func event(_ id: EventID) async throws -> Event? {
        try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM events WHERE id = \(id.rawValue)").map(event)
        }
    }

    /// What the log holds now.
    package func ends() async throws -> EventLogEnds { try await database.read { sql in try Self.ends(sql) } }

    /// Forgets events from before `time`, always from the beginning, so that what is kept has no hole.
    ///
    /// Several small transactions: nobody who appends waits for all of it.
    package func removeExpired(before time: Timestamp) async throws {
        while true {
            let isDone = try await database.write { sql in
                let ends = try Self.ends(sql)
                let kept = try sql.first(
                    """
                    SELECT sequence FROM events WHERE sequence > 0 AND created_at >= \(time.milliseconds)
                    ORDER BY sequence LIMIT 1
                    """)
                let end = try kept?.integer("sequence") ?? ends.newest + 1
                let stop = min(end, ends.oldest + Limits.eventsPerRemoval)
                try sql.execute("DELETE FROM events WHERE sequence < \(stop)")
                return stop == end
            }
            if isDone { return }
        }
    }

    static let columns: SQL = "sequence, id, account_id, type, created_at, payload"

    private static func ends(_ sql: any SQLConnection) throws -> EventLogEnds {
        guard let newest = try sql.first("SELECT last FROM event_counter WHERE id = 1")?.integer("last") else {
            throw StoreError.unreadable("event_counter")
        }
        let oldest = try sql.first("SELECT MIN(sequence) AS oldest FROM events")?.optionalInteger("oldest")
        return EventLogEnds(oldest: oldest ?? newest + 1, newest: newest)
    }

    func event(_ row: SQLRow) throws -> Event {
        let id = EventID(rawValue: try row.text("id"))
        guard let type = EventType(rawValue: try row.text("type")) else { throw StoreError.unreadable("events/type") }
        return Event(
            id: id, sequence: try row.integer("sequence"), type: type,
            timestamp: Timestamp(milliseconds: try row.integer("created_at")),
            accountID: try row.optionalText("account_id").map(AccountID.init(rawValue:)),
            data: try sealer.open(try row.blob("payload"), at: Self.place(id)))
    }

    private func seal(_ event: Event) throws(StoreError) -> [UInt8] {
        try sealer.seal(event.data, at: Self.place(event.id))
    }

    static func place(_ id: EventID) -> SealedPlace {
        SealedPlace(table: "events", row: id.rawValue, column: "payload")
    }
}
