/// Runs bodies on a session, and says what is to become of those that have no answer yet.
struct TransactionRunner {
    let session: PostgreSQLSession

    /// How a transaction ended.
    enum Ending {
        /// Each body has its answer, but for `rest`, which was not begun.
        case done(rest: [any QueuedBody])
        /// Others were in the way: nothing of these happened, and they may be run again.
        case again([any QueuedBody], PostgreSQLFault)
        /// The session is gone, and nothing of these happened.
        case lost([any QueuedBody], PostgreSQLFault)
        /// The session is gone, and only the server knows whether the transaction of this number was committed.
        case inDoubt([any QueuedBody], number: String, rest: [any QueuedBody])
    }

    func read(_ body: any QueuedBody) -> Ending {
        let transaction = PostgreSQLTransaction.reading(session)
        do {
            try body.run(on: transaction)
            if let fault = transaction.fault { throw DatabaseError(fault) }
        } catch {
            return undo(transaction, [body], error)
        }
        // A snapshot promises nothing at its end: the caller need not wait for it.
        body.finish()
        do {
            try transaction.commit()
        } catch {
            return .lost([], error)
        }
        return .done(rest: [])
    }

    /// One transaction for all of these, each in a savepoint of its own where they are several.
    ///
    /// It goes on only for a moment: what was done waits for the commit, and others wait for its rows.
    func write(_ bodies: [any QueuedBody]) -> Ending {
        let transaction = PostgreSQLTransaction.writing(session)
        let isShared = bodies.count > 1
        let end = ContinuousClock.now + Limits.groupTime
        var done: [any QueuedBody] = []
        var rest = bodies[...]
        while let body = rest.popFirst() {
            if isShared { transaction.save() }
            do {
                try body.run(on: transaction)
                // A body that caught the failure of a statement and went on has nothing that could be committed.
                if let fault = transaction.fault { throw DatabaseError(fault) }
                if isShared { transaction.release() }
                done.append(body)
            } catch {
                let endsAll = transaction.fault.map { $0.isRetriable || $0.endsSession } ?? false
                guard isShared, !endsAll else { return undo(transaction, done + [body] + rest, error) }
                transaction.undo()
                body.fail(error)
            }
            if ContinuousClock.now > end { break }
        }
        do {
            try transaction.runEndings()
        } catch {
            return undo(transaction, done + rest, error)
        }
        return commit(transaction, done, Array(rest))
    }

    private func commit(
        _ transaction: PostgreSQLTransaction, _ done: [any QueuedBody], _ rest: [any QueuedBody]
    ) -> Ending {
        do {
            try transaction.commit()
        } catch {
            if error.endsSession, let number = transaction.number { return .inDoubt(done, number: number, rest: rest) }
            return undo(transaction, done + rest, DatabaseError(error), error)
        }
        for body in done { body.finish() }
        return .done(rest: rest)
    }

    private func undo(
        _ transaction: PostgreSQLTransaction, _ bodies: [any QueuedBody], _ error: any Error,
        _ own: PostgreSQLFault? = nil
    ) -> Ending {
        let fault = own ?? transaction.fault
        if let fault, fault.endsSession { return .lost(bodies, fault) }
        do {
            try transaction.rollBack()
        } catch {
            // Whatever the server heard of it ends with the session.
            return .lost(bodies, error)
        }
        // Of several, nobody knows whose fault it was: each is run by itself.
        if let fault, fault.isRetriable || bodies.count > 1 { return .again(bodies, fault) }
        for body in bodies { body.fail(error) }
        return .done(rest: [])
    }
}
