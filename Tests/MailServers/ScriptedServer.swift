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
        /// Answers each line by the first rule whose word it contains, for as long as the client stays.
        case serve([Rule])
        /// Says nothing more, and keeps the connection until the client or the test gives up.
        case stall
        case close
        case reset
    }

    /// What a server answers to a line that contains all of some words: the next of the replies, the last one again when there
    /// are no more; `%TAG%` as in `send`.
    package struct Rule: Sendable {
        let words: [String]
        let replies: [String]

        package init(_ word: String, _ replies: String...) {
            words = [word]
            self.replies = replies
        }

        package init(_ words: String..., answer: String) {
            self.words = words
            replies = [answer]
        }
    }

    private struct State {
        /// Replies that took the place of a rule's, by its first word.
        var overrides: [String: String] = [:]
        /// How often a rule answered, over all connections.
        var answers: [String: Int] = [:]
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

    /// From now on the rules that begin with this word answer so.
    package func answer(_ word: String, with reply: String) { state.withLock { $0.overrides[word] = reply } }

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

    private func answer(_ line: String, _ rules: [Rule]) -> String {
        guard let rule = rules.first(where: { $0.words.allSatisfy(line.contains) }) else {
            return "%TAG% OK done\r\n"
        }
        if let word = rule.words.first, let reply = state.withLock({ $0.overrides[word] }) { return reply }
        let count = state.withLock { state in
            let key = rule.words.joined(separator: " ")
            state.answers[key, default: 0] += 1
            return state.answers[key] ?? 1
        }
        return rule.replies.isEmpty ? "" : rule.replies[min(count, rule.replies.count) - 1]
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
                case .serve(let rules):
                    while let line = try stream.readLine() {
                        state.withLock { $0.received.append(line) }
                        let tag = line.split(separator: " ").first.map(String.init) ?? ""
                        try stream.send(answer(line, rules).replacing("%TAG%", with: tag))
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
