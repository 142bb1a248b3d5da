import Foundation
import Glibc
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
    private let listener: Int32
    private let state: Mutex<State>

    /// The lines that clients have sent, in order.
    package var received: [String] { state.withLock { $0.received } }
    /// What clients did against the script.
    package var failures: [String] { state.withLock { $0.failures } }
    package var connectionCount: Int { state.withLock { $0.accepted } }

    /// Each connection plays the next of the scripts, and the last one when there are no more.
    package init(_ scripts: [Step]...) throws {
        state = Mutex(State())
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard LoopbackPort.withAddress(0, { bind(listener, $0, $1) }) == 0, listen(listener, 512) == 0 else {
            throw systemError("listen")
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(listener, $0, &size) }
        }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                guard let accepted = Self.accept(listener) else { break }
                let stream = SocketStream(accepted: accepted, timeout: 120)
                guard let self, let number = self.add(stream) else { break }
                let script = scripts.isEmpty ? [] : scripts[min(number, scripts.count - 1)]
                Thread.detachNewThread { [weak self] in
                    self?.play(script, on: stream)
                    self?.state.withLock { $0.open[number] = nil }
                }
            }
            Glibc.close(listener)
        }
    }

    /// Closes the port and all connections.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock {
            $0.isStopped = true
            for stream in $0.open.values { stream.interrupt() }
        }
    }

    deinit { stop() }

    private static func accept(_ listener: Int32) -> Int32? {
        var readable = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        while poll(&readable, 1, -1) < 0, errno == EINTR {}
        return ChildProcess.descriptorLock.withLock {
            let accepted = Glibc.accept(listener, nil, nil)
            guard accepted >= 0 else { return nil }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            return accepted
        }
    }

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
