import Model
import SMTP
import Synchronization
import Transport
import Wire

/// A submission server on loopback that says what it is told to, and dies or falls silent where it is told to.
///
/// Each connection plays the next of its scripts, the last one again where there are no more.
final class SMTPTestServer: Sendable {
    enum Step: Sendable {
        /// Sends these octets, of all of which only `lifetime` leave.
        case say(String)
        /// Reads so many lines.
        case hear(Int)
        /// Reads a message up to its final dot, and keeps it.
        case hearContent
        /// Reads so many octets of it only.
        case hearOctets(Int)
        /// Says and hears nothing more until the client goes.
        case stall
    }

    struct Record: Sendable {
        var connections = 0
        /// Connections that the client closed or we did.
        var ended = 0
        var lines: [String] = []
        /// Messages as they were on the wire, with the dot.
        var contents: [[UInt8]] = []
    }

    let port: UInt16
    private let loop: EventLoop
    private let listener: Listener
    private let scripts: [[Step]]
    /// Octets a connection says before it is closed, after having heard what follows the last of them.
    private let lifetime: Int
    private let record = Mutex(Record())

    init(on loop: EventLoop, lifetime: Int = .max, _ scripts: [Step]...) throws {
        self.loop = loop
        self.scripts = scripts
        self.lifetime = lifetime
        listener = try Listener.bind(host: "127.0.0.1", port: 0, on: loop)
        port = listener.address.port
        Task(name: "smtp test server", executorPreference: loop) { await self.serve() }
    }

    var endpoint: ServerEndpoint { ServerEndpoint(host: "127.0.0.1", port: port, security: .none) }
    var seen: Record { record.withLock { $0 } }

    func stop() { listener.close() }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            while let socket = try? await listener.accept() {
                let number = record.withLock { record in
                    defer { record.connections += 1 }
                    return record.connections
                }
                group.addTask(executorPreference: loop) {
                    await SMTPTestSession(on: self.loop).play(
                        socket, self.scripts[min(number, self.scripts.count - 1)], lifetime: self.lifetime,
                        note: { change in self.record.withLock { change(&$0) } })
                    self.record.withLock { $0.ended += 1 }
                }
            }
        }
    }
}

/// One connection of the server.
private actor SMTPTestSession: EventLoopBound {
    let eventLoop: EventLoop

    init(on loop: EventLoop) { eventLoop = loop }

    func play(
        _ socket: DetachedSocket, _ script: [SMTPTestServer.Step], lifetime: Int,
        note: (_ change: (inout SMTPTestServer.Record) -> Void) -> Void
    ) async {
        guard let stream = try? socket.stream(on: eventLoop) else { return }
        defer { stream.close() }
        var left = lifetime
        do {
            for step in script {
                switch step {
                case .say(let text):
                    guard left > 0 else { return }
                    try await stream.write(Array(text.utf8.prefix(left)))
                    guard text.utf8.count <= left else { return }
                    left -= text.utf8.count
                case .hear(let count):
                    for _ in 0..<count {
                        let line = try await line(stream)
                        note { $0.lines.append(line) }
                    }
                case .hearContent:
                    let content = try await content(stream)
                    note { $0.contents.append(content) }
                case .hearOctets(let count):
                    while stream.input.count < count { if try await stream.fill() == 0 { return } }
                    stream.input.consume(count)
                case .stall:
                    while try await stream.fill() > 0 { _ = stream.input.takeAll() }
                }
            }
        } catch {}
    }

    private func line(_ stream: ByteStream) async throws -> String {
        while true {
            if let end = stream.input.firstIndex(of: 0x0A) {
                return String(decoding: stream.input.take(end + 1).dropLast(2), as: UTF8.self)
            }
            if try await stream.fill() == 0 { throw TransportError.closed }
        }
    }

    private func content(_ stream: ByteStream) async throws -> [UInt8] {
        var content: [UInt8] = []
        while true {
            content += stream.input.takeAll()
            if content == Array(".\r\n".utf8) || content.suffix(5) == Array("\r\n.\r\n".utf8)[...] { return content }
            if try await stream.fill() == 0 { throw TransportError.closed }
        }
    }
}

extension [SMTPTestServer.Step] {
    static let greeting = "220 mail.example.test ESMTP\r\n"
    static let hello = "250-mail.example.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n"
    static let authenticated = "235 2.7.0 Authentication successful\r\n"
    /// Replies to MAIL, one RCPT and DATA.
    static let accepted = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n"
    static let queued = "250 2.0.0 Ok: queued as 4XyZ\r\n"
    static let goodbye = "221 2.0.0 Bye\r\n"

    /// Up to the login.
    static var login: [SMTPTestServer.Step] {
        [.say(greeting), .hear(1), .say(hello), .hear(1), .say(authenticated)]
    }

    /// One message to one recipient, pipelined.
    static var message: [SMTPTestServer.Step] { [.hear(3), .say(accepted), .hearContent, .say(queued)] }

    static var farewell: [SMTPTestServer.Step] { [.hear(1), .say(goodbye)] }
}
