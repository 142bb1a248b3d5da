import CPostgreSQL

/// One statement on its way to the server.
struct PostgreSQLCommand {
    var text: String
    var binds: [SQLValue] = []
    /// Whether it is worth to be kept prepared: what opens and closes transactions is not.
    var isPrepared = true

    static func control(_ text: String) -> PostgreSQLCommand { PostgreSQLCommand(text: text, isPrepared: false) }
}

extension PostgreSQLSession {
    /// Sends all of these at once and reads what each brought: one round trip, however many they are.
    ///
    /// The first that fails ends the rest, and is what this throws.
    @discardableResult
    func run(
        _ commands: [PostgreSQLCommand], within time: Duration = Limits.statementTime
    ) throws(PostgreSQLFault) -> [Outcome] {
        let deadline = ContinuousClock.now + time
        var queued: [Queued] = []
        for (index, command) in commands.enumerated() { try queue(command, number: index, &queued) }
        guard unsafe PQpipelineSync(handle) == 1 else { throw fault() }
        try flush(until: deadline)
        return try collect(queued, count: commands.count, until: deadline)
    }

    /// Runs several statements without values.
    func run(script: String) throws(PostgreSQLFault) {
        // Only the simple protocol takes many at once; and it has no pipeline. A migration may take as long as it needs.
        guard unsafe PQexitPipelineMode(handle) == 1, unsafe PQsendQuery(handle, script) == 1 else { throw fault() }
        try flush(until: nil)
        var failure: PostgreSQLFault?
        while let result = unsafe try nextResult(until: nil) {
            if unsafe PQresultStatus(result) == PGRES_FATAL_ERROR { failure = unsafe failure ?? refusal(result) }
            unsafe PQclear(result)
        }
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw fault() }
        if let failure { throw failure }
    }

    /// What an answer of the server belongs to.
    private enum Queued {
        case housekeeping
        case preparation(text: String, name: String)
        case statement(number: Int)
    }

    // MARK: Sending

    private func queue(
        _ command: PostgreSQLCommand, number: Int, _ queued: inout [Queued]
    ) throws(PostgreSQLFault) {
        let types = command.binds.map(WireValue.type)
        let isKept = command.isPrepared && command.text.utf8.count <= Limits.preparedOctets
        var name: String?
        if isKept, let known = statements.find(command.text, types) {
            name = known.name
        } else if isKept {
            let (new, evicted) = statements.add(command.text, types)
            if let evicted {
                let isSent = unsafe PQsendQueryParams(handle, "DEALLOCATE \(evicted)", 0, nil, nil, nil, nil, 0)
                guard isSent == 1 else { throw fault() }
                queued.append(.housekeeping)
            }
            let isSent = unsafe PQsendPrepare(handle, new, command.text, CInt(types.count), types)
            guard isSent == 1 else { throw fault() }
            queued.append(.preparation(text: command.text, name: new))
            name = new
        }
        guard send(command, types, name) else { throw fault() }
        queued.append(.statement(number: number))
    }

    private func send(_ command: PostgreSQLCommand, _ types: [Oid], _ name: String?) -> Bool {
        var octets: [UInt8] = []
        var places: [(offset: Int, count: Int)?] = []
        for bind in command.binds {
            if bind == .null {
                places.append(nil)
                continue
            }
            let offset = octets.count
            WireValue.append(bind, to: &octets)
            places.append((offset, octets.count - offset))
        }
        // So that even an empty value has an address: null is the absence of one.
        octets.append(0)
        let lengths = places.map { CInt(clamping: $0?.count ?? 0) }
        let formats = [CInt](repeating: 1, count: places.count)
        let count = CInt(places.count)
        return unsafe octets.withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe places.map { place in
                unsafe place.flatMap { place in unsafe base.map { unsafe $0 + place.offset } }
            }
            if let name {
                return unsafe PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
            }
            return unsafe PQsendQueryParams(handle, command.text, count, types, values, lengths, formats, 1) == 1
        }
    }

    // MARK: Reading

    private func collect(
        _ queued: [Queued], count: Int, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLFault) -> [Outcome] {
        var outcomes = [Outcome](repeating: Outcome(), count: count)
        var failure: PostgreSQLFault?
        var place = 0
        while true {
            guard let result = unsafe try nextResult(until: deadline) else {
                guard unsafe PQstatus(handle) == CONNECTION_OK else { throw fault() }
                place += 1
                continue
            }
            defer { unsafe PQclear(result) }
            let status = unsafe PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC { break }
            let item = place < queued.count ? queued[place] : .housekeeping
            switch (status, item) {
            case (PGRES_FATAL_ERROR, _), (PGRES_PIPELINE_ABORTED, _):
                if status == PGRES_FATAL_ERROR { failure = unsafe failure ?? refusal(result) }
                if case .preparation(let text, let name) = item { statements.remove(text, named: name) }
                guard unsafe PQstatus(handle) == CONNECTION_OK else { throw fault() }
            case (_, .statement(let number)):
                do throws(PostgreSQLFault) {
                    outcomes[number] = unsafe try outcome(result)
                } catch {
                    failure = failure ?? error
                }
            default: break
            }
        }
        if let failure {
            if case .refused("26000", _) = failure { statements = StatementCache() }
            throw failure
        }
        return outcomes
    }

    private func outcome(_ result: OpaquePointer) throws(PostgreSQLFault) -> Outcome {
        var outcome = Outcome()
        outcome.tag = unsafe String(cString: PQcmdStatus(result))
        outcome.count = unsafe Int(String(cString: PQcmdTuples(result))) ?? 0
        let width = unsafe PQnfields(result)
        guard width > 0 else { return outcome }
        let columns = (0..<width).map { unsafe String(cString: PQfname(result, $0)) }
        let types = (0..<width).map { unsafe PQftype(result, $0) }
        let height = unsafe PQntuples(result)
        outcome.rows.reserveCapacity(Int(height))
        for row in 0..<height {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(width))
            for column in 0..<width {
                if unsafe PQgetisnull(result, row, column) == 1 {
                    values.append(.null)
                    continue
                }
                let octets = unsafe UnsafeRawBufferPointer(
                    start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
                values.append(
                    unsafe try WireValue.value(octets, type: types[Int(column)], column: columns[Int(column)]))
            }
            outcome.rows.append(SQLRow(columns: columns, values: values))
        }
        return outcome
    }

    /// The server's refusal; not its DETAIL, which quotes values.
    private func refusal(_ result: OpaquePointer) -> PostgreSQLFault {
        func field(_ code: UInt8) -> String? {
            unsafe PQresultErrorField(result, CInt(code)).map { unsafe String(cString: $0) }
        }
        guard let state = field(UInt8(ascii: "C")) else { return fault() }
        let text = field(UInt8(ascii: "M")) ?? ""
        guard let place = field(UInt8(ascii: "n")) ?? field(UInt8(ascii: "c")) else {
            return .refused(state: state, text: text)
        }
        return .refused(state: state, text: "\(text) (\(place))")
    }
}
