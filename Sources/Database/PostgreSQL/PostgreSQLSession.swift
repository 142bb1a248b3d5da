import CPostgreSQL
import Glibc
import Synchronization

/// One connection to PostgreSQL, used by one thread at a time.
///
/// It is libpq in its non-blocking mode: waiting is ours, so that a wait can have an end and another thread can cut it (`sever`).
@safe final class PostgreSQLSession {
    /// What a statement brought.
    struct Outcome {
        var rows: [SQLRow] = []
        /// Rows inserted, updated, deleted or read.
        var count = 0
        /// The server's word for what was done, such as `COMMIT`.
        var tag = ""
    }

    let handle: OpaquePointer
    /// When the server last said anything, on this or another session; told to whoever watches the line.
    private let pulse: ConnectionPulse
    /// The socket, for `sever` from another thread; nil once closed.
    private let socket: SeverableSocket
    var statements = StatementCache()

    /// Connects, or throws at `deadline` at the latest.
    init(
        _ configuration: PostgreSQLConfiguration, pulse: ConnectionPulse, deadline: ContinuousClock.Instant
    ) throws(PostgreSQLFault) {
        self.pulse = pulse
        let handle = unsafe Self.start(configuration)
        guard let handle = unsafe handle else { throw .lost("out of memory") }
        unsafe self.handle = unsafe handle
        socket = SeverableSocket()
        do throws(PostgreSQLFault) {
            try connect(deadline)
        } catch {
            close()
            throw error
        }
        pulse.add(socket)
    }

    deinit { close() }

    private var isClosed = false

    func close() {
        guard !isClosed else { return }
        isClosed = true
        pulse.remove(socket)
        socket.forget()
        unsafe PQfinish(handle)
    }

    private static func start(_ configuration: PostgreSQLConfiguration) -> OpaquePointer? {
        let names = unsafe configuration.parameters.map { unsafe strdup($0.name) } + [nil]
        let values = unsafe configuration.parameters.map { unsafe strdup($0.value) } + [nil]
        defer {
            let all = unsafe names + values
            for index in unsafe all.indices { unsafe free(all[index]) }
        }
        let keywords = unsafe names.map { unsafe UnsafePointer<CChar>($0) }
        let settings = unsafe values.map { unsafe UnsafePointer<CChar>($0) }
        return unsafe PQconnectStartParams(keywords, settings, 0)
    }

    private func connect(_ deadline: ContinuousClock.Instant) throws(PostgreSQLFault) {
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw fault() }
        var step = PGRES_POLLING_WRITING
        while step != PGRES_POLLING_OK {
            guard step != PGRES_POLLING_FAILED else { throw fault() }
            try wait(for: step == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
            step = unsafe PQconnectPoll(handle)
        }
        unsafe socket.set(PQsocket(handle))
        _ = unsafe PQsetnonblocking(handle, 1)
        // A notice is for a person at a terminal; what matters comes as an error.
        _ = unsafe PQsetNoticeReceiver(handle, { _, _ in }, nil)
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw fault() }
    }

    // MARK: Waiting

    /// Waits until the socket is ready; a wait that ends otherwise ends the session.
    private func wait(for events: CInt, until deadline: ContinuousClock.Instant?) throws(PostgreSQLFault) {
        guard try isReady(events, until: deadline) else { throw .lost("the database does not answer") }
    }

    /// Whether the server has said something before `deadline`.
    func isReadable(until deadline: ContinuousClock.Instant) throws(PostgreSQLFault) -> Bool {
        try isReady(POLLIN, until: deadline)
    }

    private func isReady(_ events: CInt, until deadline: ContinuousClock.Instant?) throws(PostgreSQLFault) -> Bool {
        let descriptor = unsafe PQsocket(handle)
        guard descriptor >= 0 else { throw .lost("the connection is closed") }
        while true {
            var milliseconds: CInt = -1
            if let deadline {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return false }
                milliseconds = CInt(clamping: Int64(left / .milliseconds(1)) + 1)
            }
            var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = unsafe poll(&wanted, 1, milliseconds)
            if count > 0 { return true }
            if count < 0, errno != EINTR { throw .lost("poll failed") }
        }
    }

    /// Hands everything that was queued to the kernel, reading meanwhile, so that neither side waits for the other.
    func flush(until deadline: ContinuousClock.Instant?) throws(PostgreSQLFault) {
        while true {
            let state = unsafe PQflush(handle)
            if state == 0 { return }
            guard state == 1 else { throw fault() }
            try wait(for: POLLIN | POLLOUT, until: deadline)
            guard unsafe PQconsumeInput(handle) == 1 else { throw fault() }
        }
    }

    /// The next result; nil between the results of two statements.
    func nextResult(until deadline: ContinuousClock.Instant?) throws(PostgreSQLFault) -> OpaquePointer? {
        while unsafe PQisBusy(handle) == 1 {
            try wait(for: POLLIN, until: deadline)
            guard unsafe PQconsumeInput(handle) == 1 else { throw fault() }
            pulse.heard()
        }
        return unsafe PQgetResult(handle)
    }

    /// What the connection itself complains of.
    func fault() -> PostgreSQLFault {
        let text = unsafe String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).joined(
            separator: "; ")
        return .lost(text.isEmpty ? "the connection to the database ended" : text)
    }
}
