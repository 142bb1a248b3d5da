/// Why a statement, a transaction or a database did not do what it was asked to.
package enum DatabaseError: Error, Sendable, Equatable {
    /// A row breaks a rule of the schema; `detail` names table and columns where the database tells them.
    case constraint(ConstraintKind, detail: String)
    /// Somebody else holds the database for too long.
    case busy
    /// Another process runs on this file.
    case inUse(path: String)
    case full
    case corrupt(String)
    /// The database cannot be opened or reached.
    case unavailable(String)
    case migration(MigrationFault)
    /// A result does not look as the code that reads it expects.
    case column(String, problem: String)
    /// The statement is wrong: a mistake in this program.
    case statement(String)
    case io(String)
}

/// The rule that a row breaks.
package enum ConstraintKind: Sendable, Equatable {
    case unique
    case foreignKey
    case notNull
    case check
    case other
}

/// Why the schema could not be brought up to date.
package enum MigrationFault: Sendable, Equatable {
    /// The database has a migration that this program does not know: it was last used by a newer one.
    case newerDatabase(migration: String)
    /// A migration that was applied has another text now; released migrations are never edited.
    case changed(migration: String)
    case failed(migration: String, text: String)
    /// The schema is older than this program, and the caller may not change it.
    case pending(migration: String)
}

extension DatabaseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .constraint(let kind, let detail): "constraint \(kind) violated: \(detail)"
        case .busy: "the database is locked by another program"
        case .inUse(let path): "\(path) is in use by another mailbridge process; stop it first"
        case .full: "the disk is full"
        case .corrupt(let text): "the database is damaged: \(text)"
        case .unavailable(let text): "the database cannot be used: \(text)"
        case .migration(.newerDatabase(let name)):
            "the database was last used by a newer mailbridge (it has \(name)); start that version or a later one"
        case .migration(.changed(let name)): "the migration \(name) is not the one the database was made with"
        case .migration(.failed(let name, let text)): "the migration \(name) failed: \(text)"
        case .migration(.pending(let name)):
            "the database lacks \(name): run `mailbridge migrate`, or start the server with --migrate"
        case .column(let name, let problem): "column \(name) \(problem)"
        case .statement(let text): "wrong statement: \(text)"
        case .io(let text): "input or output failed: \(text)"
        }
    }
}
