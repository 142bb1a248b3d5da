import Foundation
import Synchronization

/// A server that does what a real one cannot be made to do: it says what its script says, whatever the client wants.
package final class ScriptedServer: Sendable {
    /// One line of a script.
    package enum Step: Sendable {
        /// Sends text; `%TAG%` stands for the first word of the line received last.
        case send(String)
        case sendBytes([UInt8])
        /// Reads a line, which must contain this; otherwise the connection is closed and `failures` says why.
        case expect(String)
        /// Reads so many octets, such as a literal.
        case read(Int)
        /// Says nothing more, and keeps the connection until the client or the test gives up.
        case stall
        case close
        case reset
    }

    private struct State {
        var open: [Int: SocketStream] = [:]
        var accepted = 0
        var received: [String] = []
        var failures: [String] = []
        var isStopped = false
    }

    package let port: UInt16
    private let listener: LoopbackListener
    private let state: Mutex<State>

    /// The lines that clients have sent, in order.
    package var received: [String] { state.withLock { $0.received } }
    /// What clients did against the script.
    package var failures: [String] { state.withLock { $0.failures } }
    package var connectionCount: Int { state.withLock { $0.accepted } }

    /// Each connection plays the next of the scripts, and the last one when there are no more.
    package convenience init(_ scripts: [Step]...) throws { try self.init(playing: scripts) }

    package init(playing scripts: [[Step]]) throws {
        state = Mutex(State())
        listener = try LoopbackListener()
        port = listener.port
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let stream = listener.accept() {
                guard let self, let number = self.add(stream) else { break }
                let script = scripts.isEmpty ? [] : scripts[min(number, scripts.count - 1)]
                Thread.detachNewThread { [weak self] in
                    self?.play(script, on: stream)
                    self?.state.withLock { $0.open[number] = nil }
                }
            }
        }
    }

    /// Closes the port and all connections.
    package func stop() {
        listener.stop()
        state.withLock {
            $0.isStopped = true
            for stream in $0.open.values { stream.interrupt() }
        }
    }

    deinit { stop() }

    /// The connection's number, counted from 0, or nil after the end.
    private func add(_ stream: SocketStream) -> Int? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            defer { state.accepted += 1 }
            state.open[state.accepted] = stream
            return state.accepted
        }
    }

    private func play(_ script: [Step], on stream: SocketStream) {
        var tag = ""
        do {
            for step in script {
                switch step {
                case .send(let text): try stream.send(text.replacing("%TAG%", with: tag))
                case .sendBytes(let bytes): try stream.send(bytes)
                case .read(let count): _ = try stream.read(exactly: count)
                case .expect(let needle):
                    guard let line = try stream.readLine() else {
                        throw ServerFailure("The client left instead of sending \"\(needle)\"")
                    }
                    state.withLock { $0.received.append(line) }
                    tag = line.split(separator: " ").first.map(String.init) ?? ""
                    guard line.contains(needle) else {
                        throw ServerFailure("The client sent \"\(line)\" instead of \"\(needle)\"")
                    }
                case .stall: while try !stream.read().isEmpty {}
                case .reset: return stream.resetOnClose()
                case .close: return stream.interrupt()
                }
            }
        } catch {
            state.withLock { if !$0.isStopped { $0.failures.append("\(error)") } }
        }
        stream.interrupt()
    }
}
