import HTTP
import HTTPServer
import Transport

/// The small JSON reply that all servers of the HTTP row give, as a process of its own: `Benchmarks serve-http PORT`.
enum HTTPTestServer {
    static let reply = #"{"id":"msg_0123456789","subject":"Hello","unread":true,"size":1024}"#

    static func run(port: UInt16) async throws {
        var router = Router()
        let body = Array(reply.utf8)
        router.on(.get, "/v1/messages/{message}", name: "getMessage") { request in
            guard request.parameters["message"] != nil else { throw HTTPRefusal.notFound }
            return HTTPResponse(.ok, type: "application/json", body)
        }
        var configuration = HTTPServerConfiguration()
        configuration.port = port
        configuration.logsRequests = false
        let loops = try EventLoopGroup()
        let server = try HTTPServer(
            Application(router: router), configuration: configuration, loops: loops)
        print("listening on \(server.address)")
        try await server.run()
    }
}
