/// The connection inside the body of a transaction, and the transaction itself.
///
/// What opens it, or opens and closes a savepoint, goes out with the next statement of a body: it costs no round trip of its own.
final class PostgreSQLTransaction: SQLConnection {
    let session: PostgreSQLSession
    private var pending: [PostgreSQLCommand]
    /// The number by which the server can tell later whether it was committed.
    private(set) var number: String?
    private var numberPlace: Int?
    /// Whether the server knows of it.
    private var isBegun = false
    /// The first statement that failed since the last savepoint.
    private(set) var fault: PostgreSQLFault?
    private var endings: [Ending] = []
    private var endingsBefore = 0

    typealias Ending = (any SQLConnection) throws(DatabaseError) -> Void

    private init(_ session: PostgreSQLSession, _ beginning: [PostgreSQLCommand], numberPlace: Int?) {
        self.session = session
        pending = beginning
        self.numberPlace = numberPlace
    }

    /// One snapshot, in which nothing can be changed.
    static func reading(_ session: PostgreSQLSession) -> PostgreSQLTransaction {
        PostgreSQLTransaction(
            session, [.control("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")], numberPlace: nil)
    }

    /// Each statement sees what others have committed by then: rows that a decision rests on are locked by whoever decides.
    static func writing(_ session: PostgreSQLSession) -> PostgreSQLTransaction {
        PostgreSQLTransaction(
            session,
            [
                .control("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"),
                PostgreSQLCommand(text: "SELECT CAST(pg_current_xact_id() AS TEXT) AS number"),
            ], numberPlace: 1)
    }

    var dialect: Dialect { .postgresql }

    // MARK: What a body does

    @discardableResult
    func execute(_ sql: SQL) throws(DatabaseError) -> Int { try run([sql])[0].count }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] { try run([sql])[0].rows }

    func execute(all statements: [SQL]) throws(DatabaseError) -> [Int] {
        statements.isEmpty ? [] : try run(statements).map(\.count)
    }

    func execute(script: String) throws(DatabaseError) {
        do {
            try send([])
            try session.run(script: script)
        } catch {
            throw noted(error)
        }
    }

    func atEnd(_ work: @escaping Ending) { endings.append(work) }

    private func run(_ statements: [SQL]) throws(DatabaseError) -> [PostgreSQLSession.Outcome] {
        do {
            return try send(
                statements.map { statement in
                    let (text, binds) = statement.rendered(for: .postgresql)
                    return PostgreSQLCommand(text: text, binds: binds)
                })
        } catch {
            throw noted(error)
        }
    }

    private func noted(_ error: PostgreSQLFault) -> DatabaseError {
        if fault == nil { fault = error }
        return DatabaseError(error)
    }

    /// Sends what waits, then these.
    @discardableResult
    private func send(_ commands: [PostgreSQLCommand]) throws(PostgreSQLFault) -> [PostgreSQLSession.Outcome] {
        let first = pending.count
        let all = pending + commands
        guard !all.isEmpty else { return [] }
        pending = []
        isBegun = true
        let place = numberPlace
        numberPlace = nil
        let outcomes = try session.run(all)
        if let place, let row = outcomes[place].rows.first { number = try? row.text("number") }
        return Array(outcomes[first...])
    }

    // MARK: What the runner does

    /// Begins one of several bodies that share the transaction.
    func save() {
        pending.append(.control("SAVEPOINT m"))
        fault = nil
        endingsBefore = endings.count
    }

    func release() { pending.append(.control("RELEASE SAVEPOINT m")) }

    /// Undoes the body, and nothing of its neighbours.
    func undo() {
        pending.append(.control("ROLLBACK TO SAVEPOINT m"))
        release()
        fault = nil
        endings.removeSubrange(endingsBefore...)
    }

    /// Does what bodies left for the end.
    func runEndings() throws(DatabaseError) {
        let work = endings
        endings = []
        for ending in work { try ending(self) }
    }

    /// Nothing of it stays; a session on which even that fails is of no use any more.
    func rollBack() throws(PostgreSQLFault) {
        guard isBegun else { return }
        pending = []
        try session.run([.control("ROLLBACK")])
    }

    /// Throws `.lost` where the connection ended before the answer came.
    func commit() throws(PostgreSQLFault) {
        // Nothing was ever sent, or all of it was undone by itself.
        guard isBegun else { return }
        let outcomes = try send([.control("COMMIT")])
        guard outcomes.last?.tag == "COMMIT" else {
            throw .refused(state: "25P02", text: "a statement failed, and the body went on as if it had not")
        }
    }
}
