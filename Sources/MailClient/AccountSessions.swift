package import IMAP
package import Model
import Synchronization
package import Transport

/// What opens an account's server now; `revision` changes with the settings.
package struct AccountLogin: Sendable {
    package var login: ServerLogin
    package var revision: Int64

    package init(login: ServerLogin, revision: Int64) {
        self.login = login
        self.revision = revision
    }
}

/// The pools of all accounts: made when first needed, ended when settings change.
///
/// Engines come here with an account and a moment until which they wait; they see neither sockets nor settings.
package final class AccountSessions: Sendable {
    /// Looks a login up; throws where the account is missing, disabled, or has no such server.
    package typealias LoginSource = @Sendable (AccountID, MailProtocol) async throws -> AccountLogin
    /// Told how each use of a server ended: nil where it worked.
    package typealias ContactObserver = @Sendable (AccountID, MailProtocol, MailClientError?) async -> Void

    private struct Entry<Pool: Sendable>: Sendable {
        let revision: Int64
        let pool: Pool
    }

    private struct State {
        var imap: [AccountID: Entry<IMAPPool>] = [:]
        var pop3: [AccountID: Entry<Maildrop>] = [:]
        var smtp: [AccountID: Entry<SMTPPool>] = [:]
    }

    let loops: EventLoopGroup
    let sessionsPerAccount: Int
    /// Knows which addresses may be dialled: an account's host is whatever its owner wrote.
    let dialer: MailDialer
    let login: LoginSource
    let observe: ContactObserver
    /// Puts the sessions of several processes at one maildrop in order.
    let turn: MaildropTurn.Source
    /// One for all accounts: bounds how many connect to a host at once, by IMAP and POP3; the queue bounds SMTP (`ServerLoad`).
    let gate = ConnectGate()
    /// What the servers of accounts do not stand.
    package let listingHabits = ListingHabits()
    private let state = Mutex(State())

    package init(
        loops: EventLoopGroup, sessionsPerAccount: Int, dialer: MailDialer, login: @escaping LoginSource,
        observe: @escaping ContactObserver, turn: @escaping MaildropTurn.Source = { _, _ in .alone }
    ) {
        self.turn = turn
        self.loops = loops
        self.sessionsPerAccount = sessionsPerAccount
        self.dialer = dialer
        self.login = login
        self.observe = observe
    }

    /// Runs `body` with a session of the account's pool, `mailbox` selected where one is named.
    ///
    /// `isRepeatable` says that `body` may run twice: a session that turns out to be dead is then replaced once. With
    /// `isTransfer` it may take long, so that it does not get the last session. With `asksLater` the server is not asked
    /// for news of a mailbox that is selected already: then `body` does so, by `executeFresh` and its kin. With
    /// `mayShare`, `body` only reads in this mailbox, and may do so beside others in one session.
    package func withIMAP<Value: Sendable>(
        _ account: AccountID, mailbox: MailboxName?, readOnly: Bool, isRepeatable: Bool, isTransfer: Bool = false,
        asksLater: Bool = false, mayShare: Bool = false, deadline: ContinuousClock.Instant,
        _ body: (IMAPLease) async throws -> Value
    ) async throws -> Value {
        let pool = try await imapPool(account)
        do {
            let limit = Deadline(deadline)
            let value = try await pool.withSession(
                mailbox: mailbox, readOnly: readOnly, isRepeatable: isRepeatable,
                use: isTransfer ? .transfer : mayShare ? .sharedRequest : .request, asksLater: asksLater,
                deadline: limit
            ) { connection in
                try await body(IMAPLease(connection: connection, deadline: limit))
            }
            await observe(account, .imap, nil)
            return value
        } catch let error as MailClientError {
            await observe(account, .imap, error)
            throw error
        }
    }

    /// Runs `body` with a connection to the account's submission server; throws where none could be had by `deadline`.
    package func withSMTP<Value: Sendable>(
        _ account: AccountID, deadline: ContinuousClock.Instant, _ body: (SMTPLease) async -> Value
    ) async throws -> Value {
        let pool = try await smtpPool(account)
        do {
            return try await pool.withConnection(deadline: Deadline(deadline)) { connection in
                await observe(account, .smtp, nil)
                return await body(SMTPLease(connection: connection))
            }
        } catch {
            await observe(account, .smtp, error)
            throw error
        }
    }

    /// Ends the sessions of an account whose settings changed or that is gone.
    package func forget(_ account: AccountID) async {
        let (imap, pop3, smtp) = state.withLock { state in
            (
                state.imap.removeValue(forKey: account), state.pop3.removeValue(forKey: account),
                state.smtp.removeValue(forKey: account)
            )
        }
        imap?.pool.closeAll()
        pop3?.pool.close()
        await smtp?.pool.close(deadline: .after(.seconds(2)))
    }

    /// All pools there are now.
    var pools: (imap: [IMAPPool], pop3: [Maildrop], smtp: [SMTPPool]) {
        state.withLock { ($0.imap.values.map(\.pool), $0.pop3.values.map(\.pool), $0.smtp.values.map(\.pool)) }
    }

    /// One account's pools, as far as they were needed.
    func pools(of account: AccountID) -> (imap: IMAPPool?, pop3: Maildrop?, smtp: SMTPPool?) {
        state.withLock { ($0.imap[account]?.pool, $0.pop3[account]?.pool, $0.smtp[account]?.pool) }
    }

    /// Ends all sessions.
    package func close() async {
        let accounts = state.withLock { Set($0.imap.keys).union($0.pop3.keys).union($0.smtp.keys) }
        await withDiscardingTaskGroup { group in
            for account in accounts { group.addTask { await self.forget(account) } }
        }
    }

    /// Logs in to one server and out again; nil where it let us in.
    package static func probe(
        _ mailProtocol: MailProtocol, _ login: ServerLogin, dialer: MailDialer, loops: EventLoopGroup,
        deadline: ContinuousClock.Instant
    ) async -> MailClientError? {
        do throws(MailClientError) {
            switch mailProtocol {
            case .imap:
                let connection = try await IMAPConnection.connect(
                    to: login, dialer: dialer, on: loops.next(), deadline: Deadline(deadline))
                await connection.logout(deadline: .after(.seconds(2)))
            case .smtp:
                _ = try await SMTPConnection.verify(
                    login.endpoint, credentials: login.credentials, tokens: login.tokens, dialer: dialer,
                    on: loops.next(), deadline: Deadline(deadline))
            case .pop3:
                try await POP3Connection.verify(
                    login, dialer: dialer, on: loops.next(), deadline: Deadline(deadline))
            }
            return nil
        } catch {
            return error
        }
    }

    private func imapPool(_ account: AccountID) async throws -> IMAPPool {
        let login = try await login(account, .imap)
        let (pool, outdated) = state.withLock { state -> (IMAPPool, IMAPPool?) in
            let known = state.imap[account]
            if let known, known.revision >= login.revision { return (known.pool, nil) }
            var settings = IMAPPool.Settings()
            settings.maximumSessions = sessionsPerAccount
            let pool = IMAPPool(login.login, dialer: dialer, loops: loops, gate: gate, settings: settings)
            state.imap[account] = Entry(revision: login.revision, pool: pool)
            return (pool, known?.pool)
        }
        outdated?.closeAll()
        return pool
    }

    func maildrop(_ account: AccountID) async throws -> Maildrop {
        let login = try await login(account, .pop3)
        let (maildrop, outdated) = state.withLock { state -> (Maildrop, Maildrop?) in
            let known = state.pop3[account]
            if let known, known.revision >= login.revision { return (known.pool, nil) }
            let maildrop = Maildrop(login.login, dialer: dialer, loops: loops, gate: gate) { [turn] deadline in
                try await turn(account, deadline)
            }
            state.pop3[account] = Entry(revision: login.revision, pool: maildrop)
            return (maildrop, known?.pool)
        }
        outdated?.close()
        return maildrop
    }

    private func smtpPool(_ account: AccountID) async throws -> SMTPPool {
        let login = try await login(account, .smtp)
        let (pool, outdated) = state.withLock { state -> (SMTPPool, SMTPPool?) in
            let known = state.smtp[account]
            if let known, known.revision >= login.revision { return (known.pool, nil) }
            let pool = SMTPPool(
                login.login.endpoint, credentials: login.login.credentials, tokens: login.login.tokens, dialer: dialer,
                loops: loops)
            state.smtp[account] = Entry(revision: login.revision, pool: pool)
            return (pool, known?.pool)
        }
        await outdated?.close(deadline: .after(.seconds(2)))
        return pool
    }
}
