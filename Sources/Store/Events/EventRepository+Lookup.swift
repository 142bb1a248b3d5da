import Database
package import Model

extension EventRepository {
    /// The events at these places, as far as they are kept.
    package func events(at sequences: [Int64]) async throws -> [Event] {
        let rows = try await database.read { sql in
            // One statement for any number, which the driver then keeps ready.
            try sequences.compactMap { sequence in
                try sql.first("SELECT \(Self.columns) FROM events WHERE sequence = \(sequence)")
            }
        }
        return try rows.map(event)
    }
}
