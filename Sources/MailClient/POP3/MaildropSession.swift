import Transport

/// A session at a maildrop, with the turn that allows it.
struct MaildropSession: Sendable {
    let connection: POP3Connection
    let memory: POP3Lease.Memory
    let turn: MaildropTurn

    /// Takes leave, then lets the next process in; throws where the server did not confirm.
    ///
    /// Also where our own task was cancelled: a QUIT that was begun is heard to its end.
    func quit() async throws {
        let (connection, turn) = (connection, turn)
        try await Task(name: "pop3 quit") {
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await connection.quit(deadline: .after(Limits.quitTime)))
            } catch {
                outcome = .failure(error)
            }
            await turn.end()
            try outcome.get()
        }.value
    }

    /// Without QUIT: what was marked as deleted stays (RFC 1939, 6).
    func abandon() async {
        let (connection, turn) = (connection, turn)
        await Task(name: "pop3 end") {
            await connection.close()
            await turn.end()
        }.value
    }
}
