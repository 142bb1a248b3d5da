import CPostgreSQL

/// Where a PostgreSQL database is and how it is reached, in libpq's own words.
package struct PostgreSQLConfiguration: Sendable {
    /// All that libpq is told: what the caller gave, and our defaults for what was not.
    let parameters: [(name: String, value: String)]

    /// Takes an URL (`postgres://user@host/database?sslmode=verify-full`) or keywords (`host=… dbname=…`), as section 34.1.1 of
    /// PostgreSQL's manual has them; environment variables, password and service files are libpq's business as always.
    package init(_ text: String) throws(DatabaseError) {
        var parameters: [(name: String, value: String)] = []
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            let reason = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
            unsafe PQfreemem(message)
            throw .unavailable("wrong database address: \(reason.filter { !$0.isNewline })")
        }
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe parameters.append((String(cString: keyword), String(cString: value)))
            }
            unsafe option += 1
        }
        unsafe PQconninfoFree(options)
        let given = Dictionary(parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        for (name, value) in Self.defaults where given[name] == nil { parameters.append((name, value)) }
        // The server takes the last word for each, so what the caller says wins.
        let session = Self.session.map { "-c \($0)=\($1)" }.joined(separator: " ")
        parameters.removeAll { $0.name == "options" }
        parameters.append(("options", given["options"].map { "\(session) \($0)" } ?? session))
        self.parameters = parameters
    }

    /// A peer that is gone must be noticed, also where nobody says so.
    private static let defaults = [
        ("fallback_application_name", "mailbridge"), ("client_encoding", "UTF8"),
        ("target_session_attrs", "read-write"),
        ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "15000"),
    ]

    /// In milliseconds: how long a statement may take, and a wait for a row.
    ///
    /// And a transaction in which a paused process says nothing, which must not keep others from its rows. Our statements are short:
    /// compiling them costs more than it gives.
    private static let session = [
        ("statement_timeout", "30000"), ("lock_timeout", "10000"),
        ("idle_in_transaction_session_timeout", "5000"), ("jit", "off"),
    ]
}
