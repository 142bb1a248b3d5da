/// Why PostgreSQL did not do what it was asked to, before it becomes a `DatabaseError`.
enum PostgreSQLFault: Error, Sendable {
    /// The connection is gone, or never was; whether the last statement was carried out is not known.
    case lost(String)
    /// The server said no: SQLSTATE (appendix A of PostgreSQL's manual) and its own words.
    case refused(state: String, text: String)
    /// A result that this program cannot read, or a value that PostgreSQL cannot take.
    case unreadable(DatabaseError)

    /// Whether the same transaction, begun anew, may well succeed: others were in the way, or the session was not what we thought.
    var isRetriable: Bool {
        guard case .refused(let state, let text) = self else { return false }
        switch state {
        // serialization_failure, deadlock_detected.
        case "40001", "40P01": return true
        // A statement that somebody else's DISCARD or a new schema made useless: prepared anew, it works.
        case "26000": return true
        case "0A000": return text.contains("cached plan")
        default: return false
        }
    }

    /// Whether the session is of no use any more.
    var endsSession: Bool {
        switch self {
        case .lost: true
        // Classes 08 (connection) and 57P (the server goes down, or ended this session); idle_in_transaction_session_timeout.
        case .refused(let state, _): state.hasPrefix("08") || state.hasPrefix("57P") || state == "25P03"
        case .unreadable: false
        }
    }
}

extension DatabaseError {
    /// Gives PostgreSQL's codes our closed list's names.
    init(_ fault: PostgreSQLFault) {
        switch fault {
        case .lost(let text): self = .unavailable(text)
        case .unreadable(let error): self = error
        case .refused(let state, let text):
            switch state {
            case "23505": self = .constraint(.unique, detail: text)
            case "23503": self = .constraint(.foreignKey, detail: text)
            case "23502": self = .constraint(.notNull, detail: text)
            case "23514": self = .constraint(.check, detail: text)
            // lock_not_available, query_canceled (statement_timeout), and what was tried often enough.
            case "55P03", "57014", "40001", "40P01": self = .busy
            // disk_full.
            case "53100": self = .full
            // A standby that took over, or did not: not the database that may be written to.
            case "25006": self = .unavailable(text)
            default: self = Self.classified(state, text)
            }
        }
    }

    private static func classified(_ state: String, _ text: String) -> DatabaseError {
        switch state.prefix(2) {
        case "08", "28", "3D", "53", "57", "25": .unavailable(text)
        case "23": .constraint(.other, detail: text)
        case "22", "26", "42", "0A", "34", "3F": .statement(text)
        case "XX": .corrupt(text)
        default: .io("\(state): \(text)")
        }
    }
}
