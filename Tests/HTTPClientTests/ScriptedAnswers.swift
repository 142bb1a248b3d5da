import HTTP
import HTTPClient
import MailServers
import Testing
import Transport

/// A client of a scripted server, and what both saw.
struct ScriptedAnswers {
    let server: ScriptedServer
    let client: HTTPClient
    let loops: EventLoopGroup

    /// Each connection plays the next script.
    static func with(
        _ scripts: [[ScriptedServer.Step]], allowsLocal: Bool = true,
        keptBody: Int? = nil, readBody: Int? = nil, idleTime: Duration? = nil,
        _ body: (ScriptedAnswers) async throws -> Void
    ) async throws {
        let loops = try EventLoopGroup(loops: 1)
        var bounds = HTTPClientLimits()
        if let keptBody { bounds.keptBody = keptBody }
        if let readBody { bounds.readBody = readBody }
        if let idleTime { bounds.idleTime = idleTime }
        let server = try ScriptedServer(playing: scripts)
        let client = HTTPClient(
            loops: loops, addresses: AddressPolicy(allowsLocal: allowsLocal), limits: bounds)
        var failure: (any Error)?
        do {
            try await body(ScriptedAnswers(server: server, client: client, loops: loops))
        } catch {
            failure = error
        }
        await client.close()
        server.stop()
        await loops.shutdown()
        if let failure { throw failure }
    }

    func send(isRepeatable: Bool = true, within time: Duration = .seconds(20)) async throws -> HTTPClientAnswer {
        let url = try HTTPURL("http://127.0.0.1:\(server.port)/hook")
        return try await client.send(
            HTTPClientRequest(
                .post, url, fields: ["Content-Type": "text/plain"], body: Array("hello".utf8),
                isRepeatable: isRepeatable),
            deadline: .after(time))
    }

    func error(within time: Duration = .seconds(20), isRepeatable: Bool = true) async -> HTTPClientError? {
        do {
            _ = try await send(isRepeatable: isRepeatable, within: time)
            return nil
        } catch {
            return error as? HTTPClientError
        }
    }

    /// Reads the request that `send` makes.
    static let request: [ScriptedServer.Step] = [
        .expect("POST /hook HTTP/1.1"), .expect("Host: 127.0.0.1"), .expect("Content-Type: text/plain"),
        .expect("Content-Length: 5"), .read(7),
    ]

    static func answer(_ text: String) -> [ScriptedServer.Step] {
        request + [.send(text.replacing("\n", with: "\r\n"))]
    }

    static let ok = answer("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
}
