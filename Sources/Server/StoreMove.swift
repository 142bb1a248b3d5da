import Database
import Store

/// What `mailbridge copy-store` does: a grown installation on SQLite goes to PostgreSQL.
package struct StoreMove {
    private let path: String
    private let address: String

    package init(from: String, to: String) throws {
        guard case .sqlite(let path)? = DatabaseLocation(from) else { throw StartFault("--from must be sqlite:<path>") }
        guard case .postgresql(let address)? = DatabaseLocation(to) else {
            throw StartFault("--to must be postgres://user@host/name")
        }
        self.path = path
        self.address = address
    }

    /// Says how many rows it copied; `report` is told of each table that is done.
    package func run(report: @escaping @Sendable (_ table: String, _ rows: Int64) -> Void) async throws -> Int64 {
        guard PrivateFile.exists(path) else { throw StartFault("there is no \(path)") }
        do {
            // Not as a command beside a server: it is refused while one runs.
            let source = try SQLiteDatabase(path: path)
            let target = PostgreSQLDatabase(try PostgreSQLConfiguration(address), connections: 2)
            do {
                let count = try await StoreCopy(from: source, to: target, report: report).run()
                await target.close()
                await source.close()
                return count
            } catch {
                await target.close()
                await source.close()
                throw error
            }
        } catch let fault as StoreCopy.Fault {
            throw StartFault(fault.description)
        } catch let error as DatabaseError {
            throw StartFault(error.description)
        }
    }
}
