package import IMAP
import Model
package import Transport

extension IMAPPool {
    /// A session that lay idle for longer is asked for a sign of life before it is trusted: routers forget connections.
    private static let trustedIdleTime = Duration.seconds(20)

    /// Lends a session, with the mailbox selected where one is named, for the time of `body`, which must not keep it.
    ///
    /// Where the connection turns out to have died, `body` is repeated once with another session: always when the server had
    /// not heard a command of it, and with `isRepeatable` also after; so only bodies that may run twice, reading ones
    /// that have not yet handed on what they read, say so.
    package func withSession<Value: Sendable>(
        mailbox: MailboxName? = nil, readOnly: Bool = false, isRepeatable: Bool = false,
        use: PoolMachine.Use = .request, asksLater: Bool = false, deadline: Deadline,
        _ body: (IMAPConnection) async throws -> Value
    ) async throws -> Value {
        var attempts = 0
        while true {
            attempts += 1
            let lease = try await lease(mailbox: mailbox, use: use, deadline: deadline)
            var mayRepeat = true
            do {
                try await prepare(lease, mailbox, readOnly, asksLater, deadline)
                let heard = await lease.connection.sentCommands
                do {
                    let value = try await body(lease.connection)
                    await giveBack(lease)
                    return value
                } catch {
                    let hasHeardMore = await lease.connection.sentCommands != heard
                    mayRepeat = isRepeatable || !hasHeardMore
                    throw error
                }
            } catch {
                await giveBack(lease)
                guard mayRepeat, attempts < 2, error.isLossOfConnection, !deadline.hasPassed, !Task.isCancelled else {
                    throw error
                }
            }
        }
    }

    private func prepare(
        _ lease: Lease, _ mailbox: MailboxName?, _ readOnly: Bool, _ asksLater: Bool, _ deadline: Deadline
    ) async throws(MailClientError) {
        if idleTime(of: lease) > Self.trustedIdleTime {
            do throws(MailClientError) {
                try await lease.connection.execute(
                    NoopCommand(), deadline: deadline.earlier(of: .after(.seconds(5))))
            } catch {
                throw error == .cancelled || deadline.hasPassed ? error : .disconnected(.imap, text: nil)
            }
            if let mailbox, await lease.connection.hasSelected(mailbox, readOnly: readOnly) {
                return await lease.connection.becomesFresh()
            }
        }
        guard let mailbox else { return }
        if asksLater {
            try await lease.connection.selectUnasked(mailbox, readOnly: readOnly, deadline: deadline)
        } else {
            try await lease.connection.select(mailbox, readOnly: readOnly, deadline: deadline)
        }
    }
}

extension Error {
    /// The connection ended under us, for no fault of the request.
    fileprivate var isLossOfConnection: Bool {
        if case .disconnected = self as? MailClientError { true } else { false }
    }
}
