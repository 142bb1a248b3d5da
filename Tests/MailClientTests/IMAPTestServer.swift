import Model
import Synchronization
import Transport
import Wire

/// An IMAP server on loopback that says what it is told to, and dies or falls silent where it is told to.
///
/// Each connection plays the next of its scripts, the last one again where there are no more.
final class IMAPTestServer: Sendable {
    enum Step: Sendable {
        /// Sends text; `%TAG%` stands for the tag of the line heard last.
        case say(String)
        /// Reads a line.
        case hear
        /// Sends so many octets of a pattern.
        case pour(Int)
        /// Answers each line by the first rule whose word it contains, with OK where there is none; `!` closes.
        case serve([(String, String)])
        /// Says and hears nothing more until the client goes.
        case stall
    }

    struct Record: Sendable {
        var connections = 0
        /// Connections that are over.
        var ended = 0
        var lines: [String] = []
        var poured = 0
        var failures: [String] = []
    }

    let port: UInt16
    private let loop: EventLoop
    private let listener: Listener
    private let scripts: [[Step]]
    private let record = Mutex(Record())

    convenience init(on loop: EventLoop, _ scripts: [Step]...) throws { try self.init(on: loop, playing: scripts) }

    init(on loop: EventLoop, playing scripts: [[Step]]) throws {
        self.loop = loop
        self.scripts = scripts
        listener = try Listener.bind(host: "127.0.0.1", port: 0, on: loop)
        port = listener.address.port
        Task(name: "imap test server", executorPreference: loop) { await self.serve() }
    }

    var seen: Record { record.withLock { $0 } }

    func login(_ security: ConnectionSecurity = .none) -> ServerLogin {
        ServerLogin(
            endpoint: ServerEndpoint(host: "127.0.0.1", port: port, security: security),
            credentials: Credentials(username: "tim", authentication: .password(Secret("tanstaaftanstaaf"))))
    }

    func stop() { listener.close() }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            while let socket = try? await listener.accept() {
                let number = record.withLock { record in
                    defer { record.connections += 1 }
                    return record.connections
                }
                group.addTask(executorPreference: loop) {
                    await IMAPTestSession(on: self.loop).play(
                        socket, self.scripts[min(number, self.scripts.count - 1)],
                        note: { change in self.record.withLock { change(&$0) } })
                    self.record.withLock { $0.ended += 1 }
                }
            }
        }
    }
}

/// One connection of the server.
private actor IMAPTestSession: EventLoopBound {
    typealias Note = (_ change: (inout IMAPTestServer.Record) -> Void) -> Void

    let eventLoop: EventLoop
    private var tag = ""

    init(on loop: EventLoop) { eventLoop = loop }

    func play(_ socket: DetachedSocket, _ script: [IMAPTestServer.Step], note: Note) async {
        guard let stream = try? socket.stream(on: eventLoop) else { return }
        defer { stream.close() }
        do {
            for step in script {
                switch step {
                case .say(let text): try await say(text, stream)
                case .hear: _ = try await hear(stream, note)
                case .pour(let count): try await pour(count, stream, note)
                case .serve(let rules):
                    while true {
                        let line = try await hear(stream, note)
                        let reply = rules.first { line.contains($0.0) }?.1 ?? "%TAG% OK done\r\n"
                        if reply == "!" { return }
                        try await say(reply, stream)
                    }
                case .stall:
                    while try await stream.fill() > 0 { _ = stream.input.takeAll() }
                }
            }
        } catch {}
    }

    private func say(_ text: String, _ stream: ByteStream) async throws {
        try await stream.write(Array(text.replacing("%TAG%", with: tag).utf8))
    }

    private func pour(_ count: Int, _ stream: ByteStream, _ note: Note) async throws {
        var left = count
        while left > 0 {
            let size = min(left, 65_536)
            try await stream.write(IMAPTestServer.pattern(from: count - left, count: size))
            left -= size
            note { $0.poured += size }
        }
    }

    private func hear(_ stream: ByteStream, _ note: Note) async throws -> String {
        while true {
            if let end = stream.input.firstIndex(of: 0x0A) {
                let line = String(decoding: stream.input.take(end + 1).dropLast(2), as: UTF8.self)
                tag = line.split(separator: " ").first.map { String($0) } ?? ""
                note { $0.lines.append(line) }
                return line
            }
            if try await stream.fill() == 0 { throw TransportError.closed }
        }
    }
}

extension IMAPTestServer {
    /// Octets that show where they belong.
    static func pattern(from start: Int, count: Int) -> [UInt8] {
        (start..<(start + count)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }
}

extension IMAPTestServer.Step {
    static let greet = IMAPTestServer.Step.say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS MOVE] ready\r\n")
    static let select = IMAPTestServer.Step.say(IMAPTestServer.selected)
}

extension IMAPTestServer {
    static let selected = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n%TAG% OK [READ-WRITE] selected\r\n"
}

extension [IMAPTestServer.Step] {
    /// Up to a login and ID.
    static var login: [IMAPTestServer.Step] {
        [
            .greet, .hear, .say("%TAG% OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE ID] in\r\n"), .hear,
            .say("* ID (\"name\" \"Test\")\r\n%TAG% OK id\r\n"),
        ]
    }

    /// A login, and then the rules.
    static func serving(_ rules: (String, String)...) -> [IMAPTestServer.Step] {
        let usual = [("SELECT", IMAPTestServer.selected), ("LOGOUT", "* BYE bye\r\n%TAG% OK done\r\n")]
        return login + [.serve(rules + usual)]
    }
}
