package import IMAP
package import Model
import Transport

/// A session of one account apart from its pool: it hears what happens, and is never lent to a request.
package struct IMAPWatch: Sendable {
    let connection: IMAPConnection

    package var capabilities: CapabilitySet { get async { await connection.capabilities } }
    package var enabled: Set<Capability> { get async { await connection.enabled } }
    package var serverID: [String: String] { get async { await connection.serverID } }

    /// The session for commands that must be answered by then.
    package func lease(until deadline: ContinuousClock.Instant) -> IMAPLease {
        IMAPLease(connection: connection, deadline: Deadline(deadline))
    }

    /// Hears news of the selected mailbox until `consumer` leaves, that moment comes, or `interrupt` is called.
    ///
    /// A server that takes longer than `patience` to end the IDLE is dead. `consumer` runs on an event loop and must not block.
    package func idle(
        until deadline: ContinuousClock.Instant, polling: Duration, patience: Duration,
        _ consumer: @escaping @Sendable (UntaggedResponse) -> IMAPConnection.Idling
    ) async throws(MailClientError) {
        try await connection.idle(
            polling: polling, patience: patience, deadline: Deadline(deadline), consumer)
    }

    /// Ends a running `idle`, for there is something else to do.
    package func interrupt() async { await connection.leaveIdle() }

    package func close() async { await connection.logout(deadline: .after(.seconds(2))) }
}

extension AccountSessions {
    /// Opens the account's watching session; the caller closes it.
    ///
    /// It takes its turn at the gate where many accounts connect to one host, and does not count for the pool.
    package func watch(_ account: AccountID, deadline: ContinuousClock.Instant) async throws -> IMAPWatch {
        let login = try await login(account, .imap).login
        let loop = loops.next()
        let limit = Deadline(deadline)
        do throws(MailClientError) {
            let connection = try await gate.pass(to: login.endpoint, on: loop, deadline: limit) {
                () async throws(MailClientError) in
                // The turn may be long in coming; who then says nothing is not waited for as long.
                try await IMAPConnection.connect(
                    to: login, dialer: dialer, on: loop, deadline: limit.earlier(of: .after(Limits.connectTime)))
            }
            await observe(account, .imap, nil)
            return IMAPWatch(connection: connection)
        } catch {
            await observe(account, .imap, error)
            throw error
        }
    }
}
