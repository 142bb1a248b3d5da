import Database

extension SyncRepository {
    /// Tells PostgreSQL of rows that were just written, where it has no statistics of their tables that deserve the name.
    ///
    /// It looks by itself once a minute. The first mailbox is whole before that, and until then a question about some of its messages
    /// would read all of them. It is about speed alone, so it fails silently.
    package func refreshStatistics() async {
        try? await database.write { sql in
            guard sql.dialect == .postgresql else { return }
            let known = try sql.first(
                """
                SELECT CAST(MIN(reltuples) AS bigint) AS known FROM pg_class
                WHERE oid IN ('messages'::regclass, 'thread_refs'::regclass)
                """)
            guard try known?.integer("known") ?? 0 < Limits.tellingRows else { return }
            try sql.execute(script: "ANALYZE messages; ANALYZE thread_refs")
        }
    }
}
