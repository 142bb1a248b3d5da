import HTTP
import Synchronization
import Transport
import Wire

/// One client's connection: the machine of `HTTP` with a socket, living on its event loop.
///
/// Handlers are called from here and so run on the loop too, without a hop, until they await another actor. Body and
/// writer call back into the actor; that makes them safe from wherever a handler uses them.
actor Connection: EventLoopBound {
    nonisolated let eventLoop: EventLoop
    nonisolated let loopExecutor: LoopExecutor
    let service: Service
    let stream: ByteStream
    var machine: ServerConnection
    /// The number of the request being served; a body or writer of an earlier one is refused by it.
    var exchange = 0
    var isServing = false
    var isReading = false
    var isWriting = false
    /// Waits for the first octet of a request.
    private var isIdle = false
    /// Octets of content written in this exchange.
    var written = 0
    var bodyProgress = BodyProgress()
    var watch = ClientWatch()
    private(set) lazy var peer = stream.peer.ip.unmapped.description
    /// Runs `run()`.
    ///
    /// Not a child of a task group, because that gives no handle to cancel one of many: when a client goes away, its
    /// handler must be told.
    private nonisolated let task = Mutex<Task<Void, Never>?>(nil)

    init(_ socket: DetachedSocket, on loop: EventLoop, _ service: Service) throws(TransportError) {
        eventLoop = loop
        loopExecutor = loop.executor
        self.service = service
        stream = try socket.stream(on: loop)
        machine = ServerConnection(limits: service.configuration.limits)
    }

    /// Serves the connection until it ends; the table holds it as long.
    nonisolated func start() {
        service.connections.insert(self)
        let task = Task(name: "http connection") {
            await self.run()
            self.service.connections.remove(self)
            self.task.withLock { $0 = nil }
        }
        self.task.withLock { $0 = task }
    }

    nonisolated func cancel() { task.withLock { $0 }?.cancel() }

    /// The server stops: an idle connection is closed at once, a busy one behind the response that is due.
    func drain() {
        machine.isStopping = true
        if isIdle { stream.close() }
    }

    private func run() async {
        defer { stream.close() }
        do {
            if let tls = service.tls {
                try await stream.acceptTLS(tls, deadline: .after(service.configuration.handshakeTimeout))
            }
            try await serve()
        } catch {
            // The client is gone, or stalls, or was cut off on purpose: nobody is left who could be told.
        }
    }

    private func serve() async throws {
        while true {
            switch machine.next(&stream.input) {
            case .needsInput:
                guard try await fillHead() else { return }
            case .request(let head):
                headDeadline = nil
                guard try await serve(head) else { return }
            case .refusal(let refusal):
                return try await refuse(refusal)
            }
        }
    }

    /// Reads until a head may be complete; false where there will be none.
    private func fillHead() async throws -> Bool {
        let configuration = service.configuration
        if stream.input.isEmpty, !machine.isInsideHead {
            if machine.isStopping { return false }
            isIdle = true
            defer { isIdle = false }
            let patience = exchange == 0 ? configuration.headTimeout : configuration.idleTimeout
            guard try await stream.fill(deadline: .after(patience)) > 0 else { return false }
            headDeadline = nil
            return true
        }
        let deadline = headDeadline ?? .after(configuration.headTimeout)
        headDeadline = deadline
        do throws(TransportError) {
            return try await stream.fill(deadline: deadline) > 0
        } catch {
            guard case .deadlineExceeded = error else { throw error }
        }
        machine.refuse()
        try await refuse(.timedOut)
        return false
    }

    /// When the head that has begun must be complete.
    private var headDeadline: Deadline?

    /// Answers what was no request, and closes.
    private func refuse(_ refusal: HTTPRefusal) async throws {
        let start = Deadline.now
        var response = service.application.refuse(refusal)
        let id = service.requestIDs.next()
        response.fields[.requestID] = id
        try await send(response)
        service.log(nil, response.status, octets: written, since: start, peer: peer, id: id)
        try await linger()
    }

    /// Answers 503 to a connection that there is no room for.
    static func turnAway(_ socket: DetachedSocket, on loop: EventLoop, _ service: Service) async {
        guard let connection = try? Connection(socket, on: loop, service) else { return }
        await connection.turnAway()
    }

    private func turnAway() async {
        defer { stream.close() }
        machine.refuse()
        do {
            try await refuse(.unavailable("Too many connections."))
        } catch {
            // It went away before it was turned away.
        }
    }

    /// Lets the client read what was written before the connection goes: closing with octets unread would reset it.
    func linger() async throws {
        let deadline = Deadline.after(service.configuration.lingerTimeout)
        try await stream.finishWriting(deadline: deadline)
        var left = Bound.lingeringOctets
        repeat {
            left -= stream.input.count
            stream.input.consume(stream.input.count)
        } while try await stream.fill(deadline: deadline) > 0 && left > 0
    }
}
