import Dispatch
import Foundation
import Synchronization

/// A port that leads to a server only while the test lets it: makes a server go away, stall, come back or move while
/// its clients keep their settings.
package final class LoopbackProxy: Sendable {
    /// What happens to connections.
    package enum Mode: Sendable, Equatable {
        /// They lead to this port.
        case forward(to: UInt16)
        /// They are accepted, and wait until the mode changes.
        case hold
        /// They are reset at once.
        case reset
        /// They lead to this port until the server has said so many lines, and end then.
        case cut(to: UInt16, afterLines: Int, Ending)
        /// They lead to this port until the client says its line of this number, from 1, and end then: the server does not hear
        /// it, or hears it and answers to nobody.
        case cutCommand(to: UInt16, Int, isHeard: Bool)
    }

    /// How a connection ends that leads nowhere any more.
    package enum Ending: Sendable, Equatable {
        case close
        /// The last words are the proxy's.
        case say(String)
        /// Nobody says anything, and nobody goes.
        case stall
    }

    private struct State {
        var mode: Mode
        var accepted = 0
        /// Connections whose server has said all that it may say.
        var cuts = 0
        var open: [Int: SocketStream] = [:]
        var isStopped = false
        /// Connections with numbers below carry nothing any more, as behind a router that forgot them.
        var frozenBelow = 0
        /// Those with numbers below carry nothing any more of what the server says.
        var mutedBelow = 0
    }

    package let port: UInt16
    private let listener: LoopbackListener
    private let state: Mutex<State>
    private let changed = NSCondition()
    /// Hears what servers say, before their clients do.
    private let observe: @Sendable ([UInt8]) -> Void

    /// How many connections were made so far.
    package var connectionCount: Int { state.withLock { $0.accepted } }

    /// How many connections reached the place where they are cut.
    package var cutCount: Int { state.withLock { $0.cuts } }

    package init(_ mode: Mode, observe: @escaping @Sendable ([UInt8]) -> Void = { _ in }) throws {
        self.observe = observe
        state = Mutex(State(mode: mode))
        listener = try LoopbackListener()
        port = listener.port
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while let client = listener.accept() {
                guard let self, let number = self.add(client) else { break }
                Thread.detachNewThread {
                    self.serve(client, number)
                    self.state.withLock { $0.open[number] = nil }
                }
            }
        }
    }

    deinit { stop() }

    /// Changes what happens to new and to waiting connections.
    ///
    /// Those that lead somewhere already are cut where `cutting` says so, as when a server dies.
    package func set(_ mode: Mode, cutting: Bool = false) {
        changed.lock()
        state.withLock { state in
            if cutting { for stream in state.open.values { stream.interrupt() } }
            state.mode = mode
        }
        changed.broadcast()
        changed.unlock()
    }

    /// Drops from now on all that the present connections carry, and closes none of them: a cable that was cut.
    package func freeze() { state.withLock { $0.frozenBelow = $0.accepted } }

    /// Drops from now on what the server says on the present connections; what it is told arrives.
    package func muteServer() { state.withLock { $0.mutedBelow = $0.accepted } }

    /// Closes the port and all connections.
    package func stop() {
        listener.stop()
        changed.lock()
        state.withLock { state in
            state.isStopped = true
            for stream in state.open.values { stream.interrupt() }
        }
        changed.broadcast()
        changed.unlock()
    }

    private func add(_ client: SocketStream) -> Int? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            defer { state.accepted += 1 }
            state.open[state.accepted] = client
            return state.accepted
        }
    }

    /// Blocks while connections are held; nil at the end.
    private func decision() -> Mode? {
        changed.lock()
        defer { changed.unlock() }
        while true {
            let (mode, isStopped) = state.withLock { ($0.mode, $0.isStopped) }
            if isStopped { return nil }
            if mode != .hold { return mode }
            changed.wait()
        }
    }

    private func isFrozen(_ number: Int, _ isServer: Bool) -> Bool {
        state.withLock { number < $0.frozenBelow || isServer && number < $0.mutedBelow }
    }

    private func serve(_ client: SocketStream, _ number: Int) {
        let port: UInt16
        var cut: (lines: Int, ending: Ending)?
        let mode = decision()
        switch mode {
        case .cutCommand(let target, let number, let isHeard): return serve(client, target, number, isHeard)
        case .forward(let target): port = target
        case .cut(let target, let lines, let ending): (port, cut) = (target, (lines, ending))
        default: return client.resetOnClose()
        }
        guard let server = try? SocketStream(port: port, timeout: 120) else { return client.resetOnClose() }
        let limit = cut
        Thread.detachNewThread {
            if let limit {
                self.pump(limit.lines, from: server, to: client, limit.ending)
            } else {
                self.pump(from: server, to: client, number, isServer: true, self.observe)
            }
        }
        pump(from: client, to: server, number, isServer: false)
    }

    /// Until the client has said so many lines.
    private func serve(_ client: SocketStream, _ port: UInt16, _ number: Int, _ isHeard: Bool) {
        guard let server = try? SocketStream(port: port, timeout: 120) else { return client.resetOnClose() }
        let answered = DispatchSemaphore(value: 0)
        let muted = Muted()
        Thread.detachNewThread {
            while let bytes = try? server.read(), !bytes.isEmpty {
                if muted.isSet { break }
                guard (try? client.send(bytes)) != nil else { break }
            }
            answered.signal()
            if !muted.isSet { client.finish() }
        }
        do {
            for _ in 1..<number {
                guard let line = try client.readLine() else { return server.finish() }
                try server.send(line + "\r\n")
            }
            guard let line = try client.readLine() else { return server.finish() }
            muted.set()
            // Before the server hears it: whoever sees what came of it sees that it was cut as well.
            state.withLock { $0.cuts += 1 }
            if isHeard {
                try server.send(line + "\r\n")
                // It answers, or ends because that was QUIT.
                _ = answered.wait(timeout: .now() + 10)
            }
        } catch {}
        server.interrupt()
        client.interrupt()
    }

    private func pump(_ count: Int, from server: SocketStream, to client: SocketStream, _ ending: Ending) {
        do {
            for _ in 0..<count {
                guard let line = try server.readLine() else { return client.finish() }
                try client.send(line + "\r\n")
            }
            state.withLock { $0.cuts += 1 }
            switch ending {
            case .close: break
            case .say(let text): try client.send(text)
            case .stall: while try !server.read().isEmpty {}
            }
        } catch {}
        server.interrupt()
        client.interrupt()
    }

    private func pump(
        from source: SocketStream, to sink: SocketStream, _ number: Int, isServer: Bool,
        _ observe: (([UInt8]) -> Void)? = nil
    ) {
        do {
            while true {
                let bytes = try source.read()
                observe?(bytes)
                if bytes.isEmpty { return isFrozen(number, isServer) ? () : sink.finish() }
                if !isFrozen(number, isServer) { try sink.send(bytes) }
            }
        } catch {
            source.interrupt()
            sink.interrupt()
        }
    }
}

/// Whether what a server says goes nowhere any more.
private final class Muted: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }

    func set() { flag.store(true, ordering: .sequentiallyConsistent) }
}
