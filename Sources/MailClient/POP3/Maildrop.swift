package import Model
import POP3
import Synchronization
package import Transport

/// The one session that an account may have at its maildrop: who wants it stands in line, and whoever comes next takes it over as it is.
///
/// It never idles: where nobody waits it ends at once, so that others (a mail program, another node) find the maildrop free.
package final class Maildrop: Sendable {
    private struct State {
        var status = Status()
        var kept: MaildropSession?
        /// The server wants logins apart, and said when the next may come.
        var nextLogin: Deadline?
        /// What the server last said to whoever has the permit, where it has the maildrop locked for somebody else.
        var occupation: MailClientError?
        var isClosed = false
    }

    private let login: ServerLogin
    private let dialer: MailDialer
    private let loops: EventLoopGroup
    private let gate: ConnectGate
    private let settings: Settings
    private let takeTurn: @Sendable (Deadline) async throws -> MaildropTurn
    private let permit = PermitQueue(1)
    private let unread: UnreadMessages
    private let state = Mutex(State())

    package init(
        _ login: ServerLogin, dialer: MailDialer = MailDialer(), loops: EventLoopGroup,
        gate: ConnectGate = ConnectGate(), settings: Settings = Settings(),
        turn: @escaping @Sendable (Deadline) async throws -> MaildropTurn = { _ in .alone }
    ) {
        takeTurn = turn
        self.login = login
        self.dialer = dialer
        self.loops = loops
        self.gate = gate
        self.settings = settings
        unread = UnreadMessages(patience: settings.unreadPatience)
    }

    package var status: Status {
        let waiting = permit.waiting
        return state.withLock { state in
            var status = state.status
            status.waiting = waiting
            return status
        }
    }

    /// Runs `body` with the session, once it is our turn; where it marked messages as deleted it returns only after the server confirmed
    /// QUIT.
    ///
    /// Where that confirmation does not come, nobody knows whether what was deleted is gone: a new session shows.
    package func withSession<Value: Sendable>(
        deadline: Deadline, _ body: (POP3Lease) async throws -> Value
    ) async throws -> Value {
        let loop = loops.next()
        do throws(PermitQueue.Failure) {
            try await permit.acquire(on: loop, deadline: deadline)
        } catch {
            // In a line that does not move because of somebody else, it is him that the caller waits for.
            if error == .timedOut, let occupation = state.withLock({ $0.occupation }) { throw occupation }
            throw MailClientError(maildrop: error)
        }
        defer {
            state.withLock { $0.status.isLent = false }
            permit.release()
        }
        state.withLock { $0.status.isLent = true }
        let session: MaildropSession
        if let kept = await takeKept() { session = kept } else { session = try await open(on: loop, deadline) }
        let lease = POP3Lease(
            connection: session.connection, deadline: deadline, memory: session.memory, unread: unread,
            isWanted: { [permit] in permit.waiting > 0 || session.turn.isWanted() })
        let value: Value
        do {
            value = try await body(lease)
        } catch {
            // What the body marked before it failed is to stay.
            if session.memory.hasMarked { await session.abandon() } else { await giveBack(session) }
            throw error
        }
        guard session.memory.hasMarked else {
            await giveBack(session)
            return value
        }
        guard session.turn.isOurs() else {
            await session.abandon()
            throw MailClientError.rejected(
                .pop3, code: MailClientError.maildropInUse, text: "another node may be in the maildrop by now")
        }
        try await session.quit()
        state.withLock { $0.status.lastContact = .now }
        return value
    }

    /// Refuses all who wait and all who come; a session that is lent ends when its work does.
    package func close() {
        permit.close()
        let kept = state.withLock { state in
            state.isClosed = true
            defer { state.kept = nil }
            return state.kept
        }
        if let kept { Task(name: "pop3 goodbye") { try? await kept.quit() } }
    }

    // MARK: Opening

    private func open(on loop: EventLoop, _ deadline: Deadline) async throws -> MaildropSession {
        try await keepLoginDelay(on: loop, deadline)
        let turn = try await takeTurn(deadline)
        do {
            return try await connectWhenFree(turn, on: loop, deadline)
        } catch {
            await turn.end()
            throw error
        }
    }

    /// Tries again and again while somebody else, whom we do not know, has the maildrop.
    private func connectWhenFree(_ turn: MaildropTurn, on loop: EventLoop, _ deadline: Deadline) async throws
        -> MaildropSession
    {
        let patience = Deadline.after(settings.lockPatience).earlier(of: deadline)
        var pause = settings.lockPause
        defer { state.withLock { $0.occupation = nil } }
        while true {
            do throws(MailClientError) {
                return try await connect(turn, on: loop, deadline)
            } catch {
                guard case .rejected(_, MailClientError.maildropInUse, _) = error else { throw error }
                state.withLock { $0.occupation = error }
                // Half of it by chance, so that two who want it do not meet again.
                let next = Deadline.after(pause * Double.random(in: 0.5...1))
                guard next < patience else { throw error }
                try await Self.sleep(until: next, on: loop)
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    private func connect(
        _ turn: MaildropTurn, on loop: EventLoop, _ deadline: Deadline
    ) async throws(MailClientError) -> MaildropSession {
        state.withLock { $0.status.isConnecting = true }
        defer { state.withLock { $0.status.isConnecting = false } }
        let limit = deadline.earlier(of: .after(settings.connectTime))
        let delay = Mutex<Int?>(nil)
        let connection: POP3Connection
        do throws(MailClientError) {
            connection = try await gate.pass(to: login.endpoint, of: .pop3, on: loop, deadline: limit) {
                () async throws(MailClientError) in
                try await POP3Connection.connect(to: login, dialer: dialer, on: loop, deadline: limit) { capabilities in
                    delay.withLock { $0 = capabilities.loginDelay }
                }
            }
        } catch {
            guard case .rejected(_, MailClientError.loginDelay, _) = error else { throw error }
            // Somebody else, or we before a restart, logged in a while ago: nobody says when. Each try may make it later.
            let seconds = delay.withLock { $0 } ?? state.withLock { $0.status.capabilities.loginDelay }
            guard let seconds else { throw error }
            state.withLock { $0.nextLogin = .after(.seconds(seconds)) }
            throw Self.tooEarly(seconds)
        }
        let capabilities = await connection.capabilities
        state.withLock { state in
            state.status.capabilities = capabilities
            state.status.lastContact = .now
            state.nextLogin = capabilities.loginDelay.map { .after(.seconds($0)) }
        }
        return MaildropSession(connection: connection, memory: POP3Lease.Memory(), turn: turn)
    }

    /// Waits until the server wants to see us again, or says when that is where it is too long.
    private func keepLoginDelay(on loop: EventLoop, _ deadline: Deadline) async throws {
        guard let next = state.withLock({ $0.nextLogin }), Deadline.now < next else { return }
        guard next < deadline else {
            throw Self.tooEarly(Int(next.duration(since: .now).components.seconds) + 1)
        }
        try await Self.sleep(until: next, on: loop)
    }

    private static func tooEarly(_ seconds: Int) -> MailClientError {
        .rejected(.pop3, code: MailClientError.loginDelay, text: "the server wants the next login in \(seconds) s")
    }

    private static func sleep(until deadline: Deadline, on loop: EventLoop) async throws {
        do throws(TransportError) {
            try await loop.sleep(until: deadline)
        } catch {
            throw MailClientError.cancelled
        }
    }

    // MARK: Handing on

    private func takeKept() async -> MaildropSession? {
        let kept = state.withLock { state in
            defer { state.kept = nil }
            return state.kept
        }
        guard let kept else { return nil }
        if await kept.connection.isUsable, isYoung(kept), kept.turn.isOurs() { return kept }
        try? await kept.quit()
        return nil
    }

    private func isYoung(_ kept: MaildropSession) -> Bool {
        Deadline.now.duration(since: kept.connection.openedAt) < settings.sharedLife
    }

    /// Hands the session to whoever waits, else ends it.
    private func giveBack(_ session: MaildropSession) async {
        guard await session.connection.isUsable else { return await session.abandon() }
        state.withLock { $0.status.lastContact = .now }
        let isKept = state.withLock { state in
            guard !state.isClosed, permit.waiting > 0, isYoung(session), !session.turn.isWanted() else { return false }
            state.kept = session
            return true
        }
        guard isKept else {
            try? await session.quit()
            return
        }
        // Who waited may have given up in this very moment: then nobody comes to take it.
        Task(name: "pop3 retire") {
            try? await ContinuousClock().sleep(for: Limits.handOverTime)
            let forgotten = state.withLock { state -> MaildropSession? in
                guard let kept = state.kept, kept.connection === session.connection else { return nil }
                state.kept = nil
                return kept
            }
            try? await forgotten?.quit()
        }
    }
}

extension MailClientError {
    fileprivate init(maildrop failure: PermitQueue.Failure) {
        switch failure {
        case .timedOut: self = .timedOut(.pop3, phase: "the maildrop's one session")
        case .cancelled: self = .cancelled
        case .closed: self = .disconnected(.pop3, text: nil)
        }
    }
}
