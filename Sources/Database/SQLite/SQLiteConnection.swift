import FoundationEssentials
import GRDB

/// One SQLite connection within a transaction.
struct SQLiteConnection: SQLConnection {
    private let handle: GRDB.Database

    init(_ handle: GRDB.Database) { self.handle = handle }

    var dialect: Dialect { .sqlite }

    @discardableResult
    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        let (text, binds) = sql.rendered(for: .sqlite)
        do {
            let statement = try handle.cachedStatement(sql: text)
            try statement.execute(arguments: StatementArguments(binds.map(\.databaseValue)))
            return handle.changesCount
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        let (text, binds) = sql.rendered(for: .sqlite)
        do {
            let statement = try handle.cachedStatement(sql: text)
            let columns = statement.columnNames
            let cursor = try GRDB.Row.fetchCursor(
                statement, arguments: StatementArguments(binds.map(\.databaseValue)))
            var result: [SQLRow] = []
            while let row = try cursor.next() {
                result.append(SQLRow(columns: columns, values: row.databaseValues.map(SQLValue.init)))
            }
            return result
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    func execute(script: String) throws(DatabaseError) {
        do {
            try handle.execute(sql: script)
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }
}

extension SQLValue {
    init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob([UInt8](data))
            }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let octets): Data(octets).databaseValue
        }
    }
}

extension DatabaseError {
    /// Gives SQLite's result codes our closed list's names; an error that is not SQLite's keeps its text.
    init(sqlite error: any Error) {
        if let own = error as? DatabaseError {
            self = own
            return
        }
        guard let error = error as? GRDB.DatabaseError else {
            self = .io(String(describing: error))
            return
        }
        let text = error.message ?? "code \(error.extendedResultCode.rawValue)"
        self =
            switch error.resultCode {
            case .SQLITE_CONSTRAINT: .constraint(ConstraintKind(error.extendedResultCode), detail: text)
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_FULL: .full
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: .corrupt(text)
            // GRDB says MISUSE for a connection that is closed.
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH, .SQLITE_MISUSE: .unavailable(text)
            case .SQLITE_ERROR, .SQLITE_RANGE, .SQLITE_MISMATCH, .SQLITE_SCHEMA: .statement(text)
            default: .io(text)
            }
    }
}

extension ConstraintKind {
    fileprivate init(_ code: ResultCode) {
        self =
            switch code {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: .unique
            case .SQLITE_CONSTRAINT_FOREIGNKEY: .foreignKey
            case .SQLITE_CONSTRAINT_NOTNULL: .notNull
            case .SQLITE_CONSTRAINT_CHECK: .check
            default: .other
            }
    }
}
