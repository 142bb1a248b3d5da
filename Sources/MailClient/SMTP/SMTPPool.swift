package import Model
package import SMTP
import Synchronization
package import Transport

/// The connections of one account to its submission server: a few, kept while they are used, given out in fair order.
///
/// Connections are lent by scope only. One that failed, was told 421, or has carried enough is replaced by a new one.
package final class SMTPPool: Sendable {
    /// How many connections, and for how long.
    package struct Settings: Sendable {
        /// Connections at the same time.
        package var maximumConnections: Int
        /// Messages on one connection, after which it is closed: servers dislike endless ones.
        package var messagesPerConnection: Int
        /// How long an unused connection is kept; Postfix allows 300 s, some providers 10.
        package var idleTime: Duration
        package var clientName: SMTPClientName

        package init(
            maximumConnections: Int = 10, messagesPerConnection: Int = 200, idleTime: Duration = .seconds(10),
            clientName: SMTPClientName = .loopback
        ) {
            self.maximumConnections = maximumConnections
            self.messagesPerConnection = messagesPerConnection
            self.idleTime = idleTime
            self.clientName = clientName
        }
    }

    /// What the pool does now, for health documents and metrics.
    package struct Status: Sendable, Equatable {
        package var lent: Int
        package var idle: Int
        package var waiting: Int

        package init(lent: Int = 0, idle: Int = 0, waiting: Int = 0) {
            self.lent = lent
            self.idle = idle
            self.waiting = waiting
        }
    }

    /// How the server is reached, for health documents and metrics.
    package struct Contact: Sendable, Equatable {
        /// Connections that are being opened; they are among the lent ones.
        package var connecting = 0
        /// How many connections there may be.
        package var budget: Int
        /// When the server last answered.
        package var last: Deadline?
        /// What it said when a connection was last opened.
        package var capabilities = SMTPCapabilities.none
    }

    private struct Idle {
        let number: Int
        let connection: SMTPConnection
        let timer: Transport.Timer
    }

    private struct State {
        var lent = 0
        var contact: Contact
        /// The last is the one used last, which is taken first, so that surplus ones grow old.
        var idle: [Idle] = []
        var nextNumber = 0
        var isClosed = false
    }

    private let endpoint: ServerEndpoint
    private let credentials: Credentials?
    private let tokens: AccessTokenSource?
    private let dialer: MailDialer
    private let loops: EventLoopGroup
    private let settings: Settings
    private let permits: PermitQueue
    private let state: Mutex<State>

    package init(
        _ endpoint: ServerEndpoint, credentials: Credentials?, tokens: AccessTokenSource? = nil,
        dialer: MailDialer = MailDialer(), loops: EventLoopGroup, settings: Settings = Settings()
    ) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.tokens = tokens
        self.dialer = dialer
        self.loops = loops
        self.settings = settings
        permits = PermitQueue(max(1, settings.maximumConnections))
        state = Mutex(State(contact: Contact(budget: max(1, settings.maximumConnections))))
    }

    package var status: Status {
        let waiting = permits.waiting
        return state.withLock { Status(lent: $0.lent, idle: $0.idle.count, waiting: waiting) }
    }

    package var contact: Contact { state.withLock { $0.contact } }

    /// Ends the idle connections and refuses new work; what is under way ends by its own deadline.
    package func close(deadline: Deadline) async {
        permits.close()
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for entry in idle {
            entry.timer.cancel()
            await entry.connection.quit(deadline: deadline)
        }
    }

    /// Lends a connection for the time of `body`, which must not keep it.
    package func withConnection<Value: Sendable>(
        deadline: Deadline, _ body: (SMTPConnection) async -> Value
    ) async throws(MailClientError) -> Value {
        let loop = loops.next()
        do throws(PermitQueue.Failure) {
            try await permits.acquire(on: loop, deadline: deadline)
        } catch {
            throw MailClientError(error)
        }
        state.withLock { $0.lent += 1 }
        defer {
            state.withLock { $0.lent -= 1 }
            permits.release()
        }
        let connection = if let kept = await takeIdle() { kept } else { try await open(on: loop, deadline) }
        let value = await body(connection)
        await takeBack(connection)
        return value
    }

    private func open(on loop: EventLoop, _ deadline: Deadline) async throws(MailClientError) -> SMTPConnection {
        state.withLock { $0.contact.connecting += 1 }
        defer { state.withLock { $0.contact.connecting -= 1 } }
        let connection = try await SMTPConnection.connect(
            to: endpoint, credentials: credentials, tokens: tokens, clientName: settings.clientName, dialer: dialer,
            on: loop, deadline: deadline)
        let capabilities = await connection.capabilities
        state.withLock { state in
            state.contact.capabilities = capabilities
            state.contact.last = .now
        }
        return connection
    }

    /// The youngest idle connection that still lives.
    private func takeIdle() async -> SMTPConnection? {
        while let entry = state.withLock({ $0.idle.popLast() }) {
            entry.timer.cancel()
            if await entry.connection.isAlive() { return entry.connection }
        }
        return nil
    }

    /// Keeps the connection for the next message, or ends it.
    private func takeBack(_ connection: SMTPConnection) async {
        guard await connection.isReusable else { return await connection.close() }
        state.withLock { $0.contact.last = .now }
        let isWanted = await connection.messageCount < settings.messagesPerConnection && keep(connection)
        if !isWanted { await connection.quit(deadline: .after(.seconds(5))) }
    }

    private func keep(_ connection: SMTPConnection) -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let timer = connection.eventLoop.schedule(at: .after(settings.idleTime)) { [weak self] in self?.retire(number) }
        let isKept = state.withLock { state in
            if !state.isClosed { state.idle.append(Idle(number: number, connection: connection, timer: timer)) }
            return !state.isClosed
        }
        if !isKept { timer.cancel() }
        return isKept
    }

    /// Ends a connection nobody wanted for a while, in a task of its own: nobody waits for the goodbye.
    private func retire(_ number: Int) {
        let entry = state.withLock { state -> Idle? in
            guard let index = state.idle.firstIndex(where: { $0.number == number }) else { return nil }
            return state.idle.remove(at: index)
        }
        guard let entry else { return }
        Task(name: "smtp goodbye") { await entry.connection.quit(deadline: .after(.seconds(5))) }
    }
}

extension MailClientError {
    fileprivate init(_ failure: PermitQueue.Failure) {
        switch failure {
        case .timedOut: self = .timedOut(.smtp, phase: "a free connection")
        case .cancelled: self = .cancelled
        case .closed: self = .disconnected(.smtp, text: nil)
        }
    }
}
