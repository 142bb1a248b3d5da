import IMAP
package import Model
import Synchronization
package import Transport

/// The IMAP sessions of one account, lent one request at a time.
///
/// A `PoolMachine` decides, this performs. Sessions are opened on demand and closed after idleness; a broken one is replaced.
package final class IMAPPool: Sendable {
    /// How many sessions, and for how long.
    package struct Settings: Sendable {
        /// Sessions at the same time.
        package var maximumSessions = 3
        package var idleTime = Duration.seconds(60)
        /// For dialling, TLS and login together.
        package var connectTime = Duration.seconds(30)

        package init() {}
    }

    /// What the pool holds, for metrics and the account's health document.
    package struct Snapshot: Sendable, Equatable {
        package var lent = 0
        /// Those of `lent` that long downloads hold.
        package var transferring = 0
        /// Requests that run in a session beside another.
        package var sharing = 0
        package var idle = 0
        package var connecting = 0
        package var waiting = 0
        /// Those of `waiting` that want a long download.
        package var waitingTransfers = 0
        /// Sessions that the server lets us have.
        package var budget = 0
        package var lastError: MailClientError?
        /// When a server's answer was last seen.
        package var lastContact: Deadline?
    }

    typealias Lease = (session: Int, connection: IMAPConnection)
    private typealias Outcome = Result<Lease, MailClientError>

    private struct State {
        var machine: PoolMachine
        var connections: [Int: IMAPConnection] = [:]
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var returnedAt: [Int: Deadline] = [:]
        var timer: Transport.Timer?
        var lastError: MailClientError?
        var lastContact: Deadline?
    }

    private let login: ServerLogin
    private let dialer: MailDialer
    private let loops: EventLoopGroup
    private let gate: ConnectGate
    private let settings: Settings
    private let state: Mutex<State>

    package init(
        _ login: ServerLogin, dialer: MailDialer = MailDialer(), loops: EventLoopGroup,
        gate: ConnectGate = ConnectGate(), settings: Settings = Settings()
    ) {
        self.login = login
        self.dialer = dialer
        self.loops = loops
        self.gate = gate
        self.settings = settings
        var machine = PoolMachine.Settings()
        machine.maximumSessions = settings.maximumSessions
        machine.idleTime = settings.idleTime
        state = Mutex(State(machine: PoolMachine(machine)))
    }

    package var snapshot: Snapshot {
        state.withLock { state in
            Snapshot(
                lent: state.machine.lent, transferring: state.machine.transferring,
                sharing: state.machine.sharing, idle: state.machine.idle,
                connecting: state.machine.connecting, waiting: state.machine.waiting,
                waitingTransfers: state.machine.waitingTransfers, budget: state.machine.budget,
                lastError: state.lastError,
                lastContact: state.lastContact)
        }
    }

    /// Refuses all who wait and all who come, and says goodbye to idle sessions; lent ones go when they come back.
    package func closeAll() {
        perform(state.withLock { $0.machine.close() })
    }

    /// A session, once it is this request's turn.
    func lease(
        mailbox: MailboxName?, use: PoolMachine.Use = .request, deadline: Deadline
    ) async throws(MailClientError) -> Lease {
        let loop = loops.next()
        let number = WaiterNumber()
        let timer = loop.schedule(at: deadline) { self.withdraw(number, .timedOut(.imap, phase: "a free session")) }
        defer { timer.cancel() }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let actions = state.withLock { state in
                    let (waiter, actions) = state.machine.request(mailbox: mailbox, use: use, now: .now)
                    state.waiters[waiter] = continuation
                    number.value.withLock { $0 = waiter }
                    return actions
                }
                perform(actions)
                // Both could have come before there was a waiter to tell.
                if Task.isCancelled { withdraw(number, .cancelled) }
                if deadline.hasPassed { withdraw(number, .timedOut(.imap, phase: "a free session")) }
            }
        } onCancel: {
            withdraw(number, .cancelled)
        }
        return try outcome.get()
    }

    /// How long the session lay idle before this lease.
    func idleTime(of lease: Lease) -> Duration {
        let returned = state.withLock { $0.returnedAt[lease.session] }
        return returned.map { Deadline.now.duration(since: $0) } ?? .zero
    }

    /// Ends a lease, where nobody shares it; what cannot be used again is closed.
    func giveBack(_ lease: Lease) async {
        guard state.withLock({ $0.machine.leave(session: lease.session) }) else { return }
        let mailbox = await lease.connection.selected?.name
        let isReusable = await lease.connection.isReusable
        perform(
            state.withLock { state in
                state.returnedAt[lease.session] = .now
                if isReusable { state.lastContact = .now }
                return state.machine.returned(
                    session: lease.session, mailbox: mailbox, isReusable: isReusable, now: .now)
            })
    }

    private func withdraw(_ number: WaiterNumber, _ error: MailClientError) {
        let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard let waiter = number.value.withLock({ $0 }), state.machine.withdraw(waiter: waiter) else { return nil }
            return state.waiters.removeValue(forKey: waiter)
        }
        continuation?.resume(returning: .failure(error))
    }

    private func perform(_ actions: [PoolMachine.Action]) {
        for action in actions {
            switch action {
            case .connect(let session): connect(session)
            case .lend(let session, let waiter):
                answer(waiter) { state in state.connections[session].map { (session, $0) } }
            case .fail(let waiter, let error): answer(waiter, failing: error) { _ in nil }
            case .close(let session): close(session)
            case .wake(let deadline): wake(at: deadline)
            }
        }
    }

    private func answer(_ waiter: Int, failing error: MailClientError? = nil, _ lease: (State) -> Lease?) {
        let (continuation, outcome) = state.withLock { state -> (CheckedContinuation<Outcome, Never>?, Outcome) in
            let outcome: Outcome =
                lease(state).map { .success($0) } ?? .failure(error ?? .disconnected(.imap, text: nil))
            return (state.waiters.removeValue(forKey: waiter), outcome)
        }
        continuation?.resume(returning: outcome)
    }

    /// Opens a session in a task of its own: the one who asked may give up, another may get it.
    private func connect(_ session: Int) {
        let loop = loops.next()
        Task(name: "imap connect", executorPreference: loop) { await self.open(session, on: loop) }
    }

    private func open(_ session: Int, on loop: EventLoop) async {
        let deadline = Deadline.after(settings.connectTime)
        do throws(MailClientError) {
            let connection = try await gate.pass(to: login.endpoint, on: loop, deadline: deadline) {
                () async throws(MailClientError) in
                try await IMAPConnection.connect(to: login, dialer: dialer, on: loop, deadline: deadline)
            }
            let actions = state.withLock { state in
                state.connections[session] = connection
                state.lastContact = .now
                state.lastError = nil
                return state.machine.connected(session: session, now: .now)
            }
            await connection.whenEnded { [weak self] in self?.ended(session) }
            perform(actions)
        } catch {
            perform(
                state.withLock { state in
                    state.lastError = error
                    return state.machine.connectFailed(session: session, error, now: .now)
                })
        }
    }

    private func ended(_ session: Int) { perform(state.withLock { $0.machine.ended(session: session) }) }

    private func close(_ session: Int) {
        let connection = state.withLock { state in
            state.returnedAt[session] = nil
            return state.connections.removeValue(forKey: session)
        }
        guard let connection else { return }
        Task(name: "imap goodbye") { await connection.logout(deadline: .after(.seconds(5))) }
    }

    private func wake(at deadline: Deadline) {
        let timer = loops.next().schedule(at: deadline) { [weak self] in self?.tick() }
        let old = state.withLock { state in
            defer { state.timer = timer }
            return state.timer
        }
        old?.cancel()
    }

    private func tick() { perform(state.withLock { $0.machine.tick(now: .now) }) }
}

/// The number of a request that may be withdrawn before it has one.
private final class WaiterNumber: Sendable {
    let value = Mutex<Int?>(nil)
}
