import Foundation
import MailServers
import Synchronization

/// Answers every webhook by 204, and notes when it came.
final class HookReceiver: Sendable {
    private struct State {
        var came: [ContinuousClock.Instant] = []
        var waiting: CheckedContinuation<ContinuousClock.Instant, Never>?
    }

    private let listener: LoopbackListener
    private let state = Mutex(State())

    var port: UInt16 { listener.port }

    init() throws {
        listener = try LoopbackListener()
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let stream = listener.accept(timeout: 3600) {
                Thread.detachNewThread { try? self?.serve(stream) }
            }
        }
    }

    deinit { listener.stop() }

    /// When the next one came that was not asked for yet.
    func next() async -> ContinuousClock.Instant {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> ContinuousClock.Instant? in
                guard !state.came.isEmpty else {
                    state.waiting = continuation
                    return nil
                }
                return state.came.removeFirst()
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    private func serve(_ stream: SocketStream) throws {
        while try stream.readLine() != nil {
            var length = 0
            while let field = try stream.readLine(), !field.isEmpty {
                if field.lowercased().hasPrefix("content-length:") {
                    length = Int(field.split(separator: " ").last ?? "") ?? 0
                }
            }
            _ = try stream.read(exactly: length)
            let now = ContinuousClock.now
            try stream.send("HTTP/1.1 204 No Content\r\n\r\n")
            let waiting = state.withLock { state -> CheckedContinuation<ContinuousClock.Instant, Never>? in
                guard let waiting = state.waiting else {
                    state.came.append(now)
                    return nil
                }
                state.waiting = nil
                return waiting
            }
            waiting?.resume(returning: now)
        }
    }
}
