import Model
import Synchronization
import Transport

/// Lets a bounded number of connections to one host be made at the same time, a little apart.
///
/// One for the whole process: a restart with ten thousand accounts must not storm a provider.
package final class ConnectGate: Sendable {
    private let queues = Mutex<[String: PermitQueue]>([:])
    private let permits: Int

    package init(connectsPerHost: Int? = nil) { permits = max(1, connectsPerHost ?? Limits.connectsPerHost) }

    /// Runs `body` when it is its turn.
    nonisolated(nonsending) func pass<Value>(
        to endpoint: ServerEndpoint, on loop: EventLoop, deadline: Deadline,
        _ body: nonisolated(nonsending) () async throws(MailClientError) -> Value
    ) async throws(MailClientError) -> Value {
        let key = "\(endpoint.host.lowercased()):\(endpoint.port)"
        let queue = queues.withLock { queues in
            let queue = queues[key] ?? PermitQueue(permits)
            queues[key] = queue
            return queue
        }
        let mustQueue = queue.waiting > 0
        do throws(PermitQueue.Failure) {
            try await queue.acquire(on: loop, deadline: deadline)
        } catch {
            throw error == .cancelled ? .cancelled : .timedOut(.imap, phase: "a turn to connect")
        }
        defer { queue.release() }
        if mustQueue {
            let pause = Limits.connectJitter * Double.random(in: 0...1)
            do throws(TransportError) {
                try await loop.sleep(until: deadline.earlier(of: .after(pause)))
            } catch {
                throw .cancelled
            }
        }
        return try await body()
    }
}
