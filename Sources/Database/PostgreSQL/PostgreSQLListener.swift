import CPostgreSQL
import Glibc
import Synchronization

/// The session that hears what other processes tell, and that finds out when the server has gone silent.
final class PostgreSQLListener: Sendable {
    /// Behind it comes the schema's name: installations in one database do not hear each other.
    static let channel = "mailbridge:"

    private let configuration: PostgreSQLConfiguration
    private let pool: ConnectionPool
    private let pulse: ConnectionPulse
    private let handler: @Sendable (DatabaseNews) -> Void
    private let isClosed = Atomic(false)

    init(
        _ configuration: PostgreSQLConfiguration, _ pool: ConnectionPool, _ pulse: ConnectionPulse,
        _ handler: @escaping @Sendable (DatabaseNews) -> Void
    ) {
        self.configuration = configuration
        self.pool = pool
        self.pulse = pulse
        self.handler = handler
    }

    /// Ends it within a moment; nothing is told any more.
    func close() { isClosed.store(true, ordering: .releasing) }

    /// Listens until closed; on a thread of its own.
    func run() {
        var pause = Limits.shortestReconnectWait
        while !isClosed.load(ordering: .acquiring) {
            do throws(PostgreSQLFault) {
                let session = try PostgreSQLSession(configuration, pulse: pulse, deadline: .now + Limits.connectTime)
                defer { session.close() }
                pool.reached()
                let schema = try session.run([PostgreSQLCommand(text: "SELECT current_schema() AS name")])[0].rows.first
                let name = (schema.flatMap { try? $0.text("name") } ?? "").replacing("\"", with: "\"\"")
                try session.run([.control("LISTEN \"\(Self.channel)\(name)\"")])
                pause = Limits.shortestReconnectWait
                tell(.interrupted)
                try follow(session)
            } catch {
                if case .lost(let reason) = error { lost(reason) }
            }
            usleep(pause.microseconds)
            pause = min(pause * 2, Limits.longestReconnectWait)
        }
    }

    private func tell(_ news: DatabaseNews) {
        if !isClosed.load(ordering: .acquiring) { handler(news) }
    }

    private func lost(_ reason: String) {
        let heard = pulse.lastHeard
        if heard + Limits.silence < .now {
            // Nobody has heard anything: whoever still waits for an answer waits in vain.
            pool.missed(since: heard, reason)
            pulse.severAll()
        } else {
            pool.missed(reason)
        }
    }

    private func follow(_ session: PostgreSQLSession) throws(PostgreSQLFault) {
        while !isClosed.load(ordering: .acquiring) {
            if try session.isReadable(until: .now + Limits.pulseInterval) {
                for message in try session.notifications() { tell(.told(message)) }
            } else {
                try session.run([PostgreSQLCommand(text: "SELECT 1 AS one")], within: Limits.silence)
            }
        }
    }
}

extension PostgreSQLSession {
    /// What other sessions have told on the channels that this one listens to.
    func notifications() throws(PostgreSQLFault) -> [String] {
        guard unsafe PQconsumeInput(handle) == 1 else { throw fault() }
        var messages: [String] = []
        while let notification = unsafe PQnotifies(handle) {
            unsafe messages.append(String(cString: notification.pointee.extra))
            unsafe PQfreemem(notification)
        }
        return messages
    }
}
