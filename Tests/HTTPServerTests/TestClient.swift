import HTTP
import Transport
import Wire

/// A response as a client saw it.
struct Answer: Sendable {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// An HTTP client that sends exactly the octets it is told to.
actor TestClient: EventLoopBound {
    nonisolated let eventLoop: EventLoop
    private var stream: ByteStream?
    private let patience = Duration.seconds(20)

    init(on loop: EventLoop) { eventLoop = loop }

    func connect(to address: SocketAddress, tls: TLSContext? = nil) async throws {
        let stream = try await Dialer().connect(to: [address], on: eventLoop, deadline: .after(patience))
        if let tls { try await stream.startTLS(tls, serverName: "localhost", deadline: .after(patience)) }
        self.stream = stream
    }

    private func connected() throws -> ByteStream {
        guard let stream else { throw TransportError.closed }
        return stream
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await connected().write(bytes, deadline: .after(patience)) }

    func finishWriting() async throws { try await connected().finishWriting(deadline: .after(patience)) }

    /// The next head, an interim one too, and the content behind it.
    func receive(to method: HTTPMethod = .get) async throws -> Answer {
        let stream = try connected()
        var parser = HTTPResponseParser(to: method)
        var head = try parser.parse(&stream.input)
        while head == nil {
            guard try await stream.fill(deadline: .after(patience)) > 0 else { throw TransportError.closed }
            head = try parser.parse(&stream.input)
        }
        guard let head else { throw TransportError.closed }
        var decoder = BodyDecoder(head.framing)
        var body: [UInt8] = []
        while true {
            switch try decoder.next(&stream.input) {
            case .bytes(let bytes): body += bytes
            case .end: return Answer(status: head.status.code, fields: head.fields, body: body)
            case nil:
                if try await stream.fill(deadline: .after(patience)) == 0 {
                    guard decoder.finish() else { throw TransportError.closed }
                }
            }
        }
    }

    func get(_ path: String, fields: String = "") async throws -> Answer {
        try await send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n")
        return try await receive()
    }

    /// Octets as they come; nil at the end or where the connection broke.
    func receiveOctets() async throws -> Int? {
        let stream = try connected()
        let early = stream.input.count
        stream.input.consume(early)
        if early > 0 { return early }
        let count = (try? await stream.fill(deadline: .after(patience))) ?? 0
        stream.input.consume(stream.input.count)
        return count > 0 ? count : nil
    }

    /// Waits for the server to close; what it sends before that is counted and thrown away.
    @discardableResult
    func waitForClose() async throws -> Int {
        var octets = 0
        while let count = try await receiveOctets() { octets += count }
        return octets
    }

    func close() { stream?.close() }
}
