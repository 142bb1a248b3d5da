import CPostgreSQL

/// The statements that one session has prepared, by their text.
struct StatementCache {
    /// A statement as the server knows it.
    struct Prepared {
        let name: String
        /// The types its parameters were declared with; 0 where the server inferred one.
        let types: [Oid]
        fileprivate(set) var lastUse: UInt64
    }

    private var statements: [String: [Prepared]] = [:]
    private var count = 0
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    /// The statement of this text that takes these values; a null fits everywhere.
    mutating func find(_ text: String, _ types: [Oid]) -> Prepared? {
        guard var variants = statements[text] else { return nil }
        for index in variants.indices where zip(variants[index].types, types).allSatisfy({ $1 == 0 || $0 == $1 }) {
            uses += 1
            variants[index].lastUse = uses
            statements[text] = variants
            return variants[index]
        }
        return nil
    }

    /// A name for a statement that is about to be prepared, and the name of one that has to go for it.
    mutating func add(_ text: String, _ types: [Oid]) -> (name: String, evicted: String?) {
        names += 1
        uses += 1
        let evicted = count >= Limits.preparedStatements ? evict() : nil
        statements[text, default: []].append(Prepared(name: "m\(names)", types: types, lastUse: uses))
        count += 1
        return ("m\(names)", evicted)
    }

    /// After a preparation that failed.
    mutating func remove(_ text: String, named name: String) {
        guard let variants = statements[text] else { return }
        let rest = variants.filter { $0.name != name }
        count -= variants.count - rest.count
        statements[text] = rest.isEmpty ? nil : rest
    }

    private mutating func evict() -> String? {
        var oldest: (text: String, statement: Prepared)?
        for (text, variants) in statements {
            for statement in variants where statement.lastUse < oldest?.statement.lastUse ?? .max {
                oldest = (text, statement)
            }
        }
        guard let oldest else { return nil }
        remove(oldest.text, named: oldest.statement.name)
        return oldest.statement.name
    }
}
