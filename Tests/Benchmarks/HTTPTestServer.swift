import HTTP
import HTTPServer
import Transport

/// Our server with the small JSON reply that all servers of the HTTP row give, as a process of its own.
enum HTTPTestServer {
    static let command = "serve-http"
    static let path = "/v1/messages/msg_0123456789"
    /// Takes webhooks.
    static let hook = "/hook"
    static let reply = #"{"id":"msg_0123456789","subject":"Hello","unread":true,"size":1024}"#

    static func run() async throws {
        var router = Router()
        let body = Array(reply.utf8)
        router.on(.get, "/v1/messages/{message}", name: "getMessage") { request in
            guard request.parameters["message"] != nil else { throw HTTPRefusal.notFound }
            return HTTPResponse(.ok, type: "application/json", body)
        }
        router.on(.post, hook, name: "hook") { request in
            _ = try await request.body.collect(upTo: 1 << 20)
            return HTTPResponse(.noContent)
        }
        var configuration = HTTPServerConfiguration()
        configuration.logsRequests = false
        let server = try HTTPServer(
            Application(router: router), configuration: configuration, loops: EventLoopGroup())
        announce(port: server.address.port)
        try await server.run()
    }
}
