import CLinux
import Glibc
import Synchronization

/// PostgreSQL 13 or later, for any number of processes: connections with a thread each, writes grouped where many wait.
///
/// A body is run again where a deadlock or a lost connection ended its transaction; and where the answer to a COMMIT was lost, the server
/// is asked what became of it (`pg_xact_status`), so that nothing is done twice or reported wrongly.
package final class PostgreSQLDatabase: SQLDatabase {
    private let configuration: PostgreSQLConfiguration
    private let pool: ConnectionPool
    private let pulse = ConnectionPulse()
    /// Told with each message, so that nobody hears himself.
    private let origin = String(UInt64.random(in: 0 ... .max), radix: 36)
    private let listeners = Mutex<[PostgreSQLListener]>([])

    /// Connects when there is something to do, with at most so many connections, and one more to listen.
    package init(_ configuration: PostgreSQLConfiguration, connections: Int = 10) {
        self.configuration = configuration
        pool = ConnectionPool(connections: connections)
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            if pool.add(PendingBody(body, continuation: continuation), isWrite: false) { startThread() }
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            if pool.add(PendingBody(body, continuation: continuation), isWrite: true) { startThread() }
        }
    }

    package var isShared: Bool { true }

    package func tell(_ message: String) {
        if pool.addTold("\(origin) \(message)") { startThread() }
    }

    package func listen(_ handler: @escaping @Sendable (DatabaseNews) -> Void) {
        let origin = origin
        let listener = PostgreSQLListener(configuration, pool, pulse) { news in
            guard case .told(let text) = news else { return handler(news) }
            guard let space = text.firstIndex(of: " "), text[..<space] != origin else { return }
            handler(.told(String(text[text.index(after: space)...])))
        }
        listeners.withLock { $0.append(listener) }
        Self.onThread(named: "listen") { listener.run() }
    }

    package func close() async {
        for listener in listeners.withLock({ $0 }) { listener.close() }
        await pool.close()
    }

    private func startThread() {
        let (pool, configuration, pulse) = (pool, configuration, pulse)
        Self.onThread(named: "store") { ConnectionThread(pool, configuration, pulse).run() }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func onThread(named name: String, _ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(
            Body {
                unsafe mb_set_thread_name(name)
                run()
            }
        ).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body)
        precondition(result == 0, "the system gives no thread")
        pthread_detach(thread)
    }
}
