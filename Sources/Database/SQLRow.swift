/// One row of a result, read by column name.
///
/// A missing column or one of another type is `DatabaseError.column`, never a trap: the file may come from elsewhere.
package struct SQLRow: Sendable {
    private let columns: [String]
    private let values: [SQLValue]

    package init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    package func value(_ column: String) throws(DatabaseError) -> SQLValue {
        guard let index = columns.firstIndex(of: column), index < values.count else {
            throw .column(column, problem: "is not in the result")
        }
        return values[index]
    }

    package func integer(_ column: String) throws(DatabaseError) -> Int64 {
        guard let value = try optionalInteger(column) else { throw .column(column, problem: "is null") }
        return value
    }

    package func optionalInteger(_ column: String) throws(DatabaseError) -> Int64? {
        switch try value(column) {
        case .integer(let value): value
        case .null: nil
        default: throw .column(column, problem: "is not an integer")
        }
    }

    package func bool(_ column: String) throws(DatabaseError) -> Bool { try integer(column) != 0 }

    package func text(_ column: String) throws(DatabaseError) -> String {
        guard let value = try optionalText(column) else { throw .column(column, problem: "is null") }
        return value
    }

    package func optionalText(_ column: String) throws(DatabaseError) -> String? {
        switch try value(column) {
        case .text(let value): value
        case .null: nil
        default: throw .column(column, problem: "is not text")
        }
    }

    package func blob(_ column: String) throws(DatabaseError) -> [UInt8] {
        guard let value = try optionalBlob(column) else { throw .column(column, problem: "is null") }
        return value
    }

    package func optionalBlob(_ column: String) throws(DatabaseError) -> [UInt8]? {
        switch try value(column) {
        case .blob(let value): value
        case .null: nil
        default: throw .column(column, problem: "is not a blob")
        }
    }
}
