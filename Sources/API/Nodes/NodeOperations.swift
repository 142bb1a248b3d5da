import HTTP
import HTTPServer
import Model
import Representation

/// `/v1/nodes`.
enum NodeOperations {
    static let all = [Operation("listNodes", .get, "/v1/nodes", .admin, handler: list)]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let nodes = try await call.dependencies.nodes()
        var writer = JSONWriter()
        writer.object { $0.member("data", array: nodes) }
        var response = HTTPResponse(.ok, type: "application/json", writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        return response
    }
}
