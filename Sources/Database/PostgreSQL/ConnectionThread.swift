import Glibc

/// A thread with a session of its own: takes work from the pool for as long as there is any.
final class ConnectionThread {
    private let pool: ConnectionPool
    private let configuration: PostgreSQLConfiguration
    private let pulse: ConnectionPulse
    private var session: PostgreSQLSession?
    private var reason = ""

    init(_ pool: ConnectionPool, _ configuration: PostgreSQLConfiguration, _ pulse: ConnectionPulse) {
        self.pool = pool
        self.configuration = configuration
        self.pulse = pulse
    }

    func run() {
        while true {
            switch pool.next() {
            case .nothing: continue
            case .read(let body): run(body, isWrite: false)
            case .write(let bodies): write(bodies)
            case .tell(let messages): tell(messages)
            case .stop:
                session?.close()
                return pool.ended()
            }
        }
    }

    private func write(_ bodies: [any QueuedBody]) {
        var rest: [any QueuedBody] = []
        defer { pool.wrote(rest: rest) }
        // Several have one attempt together; where that fails, each has its own.
        guard bodies.count > 1, let session = connected(until: .now + Limits.reconnectPatience) else {
            runEach(bodies)
            return
        }
        switch TransactionRunner(session: session).write(bodies) {
        case .done(let unbegun):
            pool.reached()
            rest = unbegun
        case .again(let all, _): runEach(all)
        case .lost(let all, let fault):
            drop(fault)
            runEach(all)
        case .inDoubt(let done, let number, let unbegun):
            drop(nil)
            rest = unbegun
            settle(done, number) { runEach(done) }
        }
    }

    private func runEach(_ bodies: [any QueuedBody]) {
        for (index, body) in bodies.enumerated() {
            // The first has found out for all that nobody is there.
            if index > 0, session == nil, pool.isLost {
                body.fail(DatabaseError.unavailable(reason))
            } else {
                run(body, isWrite: true)
            }
        }
    }

    /// Runs one body until it has an answer.
    private func run(_ body: any QueuedBody, isWrite: Bool) {
        let patience = ContinuousClock.now + Limits.reconnectPatience
        for attempt in 1... {
            guard let session = connected(until: patience) else { return body.fail(DatabaseError.unavailable(reason)) }
            let runner = TransactionRunner(session: session)
            let fault: PostgreSQLFault
            switch isWrite ? runner.write([body]) : runner.read(body) {
            case .done:
                // A session that works proves more than one that cannot be opened.
                return pool.reached()
            case .again(_, let found):
                fault = found
                // Those who are in each other's way must not come together again.
                usleep(useconds_t.random(in: 0..<2000) * useconds_t(attempt))
            case .lost(let bodies, let found):
                drop(found)
                if bodies.isEmpty { return }
                fault = found
            case .inDoubt(_, let number, _):
                drop(nil)
                var isUndone = false
                settle([body], number) { isUndone = true }
                guard isUndone else { return }
                fault = .lost(reason)
            }
            if attempt == Limits.transactionAttempts { return body.fail(DatabaseError(fault)) }
        }
    }

    /// Asks the server what became of a transaction whose commit was not answered, for as long as it may take.
    private func settle(_ bodies: [any QueuedBody], _ number: String, undone: () -> Void) {
        let patience = ContinuousClock.now + Limits.doubtPatience
        while let session = connected(until: patience, evenIfLost: true) {
            let question = PostgreSQLCommand(
                text: "SELECT pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8)) AS status", binds: [.text(number)])
            do throws(PostgreSQLFault) {
                let status = try session.run([question])[0].rows.first.flatMap { try? $0.optionalText("status") }
                switch status {
                case "committed":
                    for body in bodies { body.finish() }
                    return
                case "aborted": return undone()
                // The old session has not noticed yet that nobody is there any more.
                case "in progress": usleep(50_000)
                default:
                    for body in bodies { body.fail(DatabaseError.unavailable("the outcome is not known")) }
                    return
                }
            } catch {
                drop(error)
            }
            if ContinuousClock.now > patience { break }
        }
        for body in bodies { body.fail(DatabaseError.unavailable(reason)) }
    }

    private func tell(_ messages: [String]) {
        defer { pool.told() }
        guard let session = connected(until: .now) else { return }
        let commands = messages.map { message in
            PostgreSQLCommand(
                text: "SELECT pg_notify('\(PostgreSQLListener.channel)' || current_schema(), $1)",
                binds: [.text(message)])
        }
        do {
            try session.run(commands)
        } catch {
            drop(error)
        }
    }

    private func drop(_ fault: PostgreSQLFault?) {
        if case .lost(let text)? = fault { reason = text }
        if case .refused(_, let text)? = fault { reason = text }
        session?.close()
        session = nil
    }

    /// A session, new where there is none; nil where none could be had in time.
    private func connected(until patience: ContinuousClock.Instant, evenIfLost: Bool = false) -> PostgreSQLSession? {
        if let session { return session }
        var pause = Limits.shortestReconnectWait
        while true {
            do throws(PostgreSQLFault) {
                let new = try PostgreSQLSession(configuration, pulse: pulse, deadline: .now + Limits.connectTime)
                pool.reached()
                session = new
                return new
            } catch {
                if case .lost(let text) = error { reason = text }
                pool.missed(reason)
            }
            guard ContinuousClock.now + pause < patience, evenIfLost || !pool.isLost else {
                if pool.isLost { pool.failAll(.unavailable(reason)) }
                return nil
            }
            usleep(pause.microseconds)
            pause = min(pause * 2, Limits.longestReconnectWait)
        }
    }
}

extension Duration {
    /// For `usleep`.
    var microseconds: useconds_t {
        useconds_t(components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
    }
}
