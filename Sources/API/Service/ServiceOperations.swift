import HTTP
import HTTPServer
import Model
import Representation

extension OpenOperation {
    /// Health, the contract, and the pages of problem types.
    package static func all(_ dependencies: APIDependencies) -> [OpenOperation] {
        let contract = Contract.shared
        let health = health(dependencies.version)
        let isReady = dependencies.isReady
        return [
            OpenOperation("getHealth", "/healthz") { _ in health },
            OpenOperation("getReadiness", "/readyz") { _ in
                guard await isReady() else { throw Problem(.serviceUnavailable, "The store cannot be reached.") }
                return health
            },
            OpenOperation("getOpenAPIJSON", "/openapi.json") { request in
                try conditional(request, contract.tag, contract.json())
            },
            OpenOperation("getOpenAPIYAML", "/openapi.yaml") { request in
                try conditional(request, contract.tag, contract.yaml)
            },
            LinkOperations.open(dependencies),
            OpenOperation("listProblems", "/problems") { ProblemPage.index(accept: $0.fields[.accept]) },
            OpenOperation("getProblem", "/problems/{slug}") { request in
                guard let slug = ProblemSlug(rawValue: request.parameters["slug"] ?? "") else {
                    throw Problem(.notFound, "There is no problem of this name.")
                }
                return ProblemPage.page(of: slug, accept: request.fields[.accept])
            },
        ] + ConnectOperations.all(dependencies)
    }

    /// Made once: a health check costs no more than its octets.
    private static func health(_ version: String) -> HTTPResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("status", "ok")
            writer.member("version", version)
        }
        var response = HTTPResponse(.ok, type: "application/json", writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private static func conditional(
        _ request: Request, _ tag: EntityTag, _ response: HTTPResponse
    ) throws -> HTTPResponse {
        if let value = request.fields[.ifNoneMatch], EntityTagCondition(value)?.matchesWeakly(tag) == true {
            return HTTPResponse(.notModified, fields: [.etag: tag.description])
        }
        return response
    }
}
