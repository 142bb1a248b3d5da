import HTTP
import HTTPServer
import Testing

struct RouterTests {
    private let router: Router = {
        var router = Router()
        let templates: [(HTTPMethod, String)] = [
            (.get, "/"), (.get, "/v1/accounts"), (.post, "/v1/accounts"), (.get, "/v1/accounts/{account}"),
            (.get, "/v1/accounts/{account}/messages"), (.get, "/v1/accounts/{account}/messages/{message}"),
            (.post, "/v1/accounts/{account}/messages/search"), (.get, "/v1/accounts/{account}/messages/search/x"),
            (.head, "/only-head"), (.get, "/a/b/c"), (.get, "/a/{x}/d"), (.options, "/own"),
        ]
        for (method, template) in templates {
            router.on(method, template, name: "\(method) \(template)") { _ in HTTPResponse(.noContent) }
        }
        return router
    }()

    private func match(_ method: HTTPMethod, _ path: String) throws -> (route: String?, allowed: [HTTPMethod]) {
        let head = try #require(HTTPRequest(method, path))
        return (router.route(method, head.target)?.name, router.allowedMethods(method, head.target))
    }

    @Test(
        arguments: [
            (.get, "/", "GET /"), (.get, "/v1/accounts", "GET /v1/accounts"),
            (.head, "/v1/accounts", "GET /v1/accounts"),
            (.get, "/v1/accounts/a?x=/y", "GET /v1/accounts/{account}"),
            (.post, "/v1/accounts/a/messages/search", "POST /v1/accounts/{account}/messages/search"),
            (.get, "/v1/accounts/a/messages/search/x", "GET /v1/accounts/{account}/messages/search/x"),
            (.get, "/v1/accounts/a/messages/m%2F1", "GET /v1/accounts/{account}/messages/{message}"),
            (.get, "/a/b/c", "GET /a/b/c"), (.get, "/a/b/d", "GET /a/{x}/d"), (.options, "/own", "OPTIONS /own"),
            (.get, "/v1/accounts/", nil), (.get, "/v1", nil), (.get, "//", nil), (.get, "/v1/accounts/a/b", nil),
            (.get, "/a/b", nil), (.get, "/a/b/c/", nil), (.get, "/A/b/c", nil),
        ] as [(HTTPMethod, String, String?)])
    func `finds routes by segment`(method: HTTPMethod, path: String, name: String?) throws {
        let found = try match(method, path)
        #expect(found.route == name)
        if name == nil { #expect(found.allowed.isEmpty) }
    }

    @Test func `lists the methods of a path`() throws {
        #expect(try match(.delete, "/v1/accounts").allowed == [.get, .head, .post, .options])
        #expect(try match(.get, "/only-head").allowed == [.head, .options])
        #expect(try match(.options, "*").allowed == [.get, .head, .post, .options])
        // The literal `search` has only POST, so GET on it is no message.
        #expect(try match(.get, "/v1/accounts/a/messages/search").allowed == [.post, .options])
    }

    @Test func `lists its table`() {
        #expect(router.routes.count == 12)
        #expect(router.routes[3].template == "/v1/accounts/{account}" && router.routes[3].method == .get)
    }

    @Test func `decodes parameters`() async throws {
        var router = Router()
        router.on(.get, "/x/{a}/{b}", name: "x") { request in
            HTTPResponse(
                .ok, type: "text/plain",
                Array("\(request.parameters["a"] ?? "")|\(request.parameters["b"] ?? "")".utf8))
        }
        let head = try #require(HTTPRequest(.get, "/x/%C3%A9/1%2F2?q"))
        let response = await Application(router: router).respond(to: Request(head))
        let body = try await response.body.collect()
        #expect(String(decoding: body, as: UTF8.self) == "é|1/2")
    }
}

struct ApplicationTests {
    private struct Boom: Error {}

    private func respond(
        _ method: HTTPMethod, _ path: String, fields: HTTPFields = [:], middleware: [Middleware] = []
    ) async throws -> HTTPResponse {
        var router = Router()
        TestServer.standardRoutes(&router)
        let application = Application(router: router, middleware: middleware) { error, request in
            HTTPResponse(
                (error as? HTTPRefusal)?.status ?? 500, type: "application/problem+json",
                Array("\(request?.id ?? "-")".utf8))
        }
        let head = try #require(HTTPRequest(method, path, fields: fields))
        return await application.respond(to: Request(head, id: "r1"))
    }

    @Test func `renders every error in one place`() async throws {
        for (method, path, status) in [
            (.get, "/none", 404), (.delete, "/hello", 405), (.get, "/fail", 500),
        ] as [(HTTPMethod, String, HTTPStatus)] {
            let response = try await respond(method, path)
            #expect(response.status == status && response.fields[.contentType] == "application/problem+json")
            let body = try await response.body.collect()
            #expect(body == Array("r1".utf8))
        }
        let notAllowed = try await respond(.delete, "/hello")
        #expect(notAllowed.fields[.allow] == "GET, HEAD, OPTIONS")
        let thrown = try await respond(.get, "/hello", middleware: [{ _, _ in throw Boom() }])
        #expect(thrown.status == 500)
    }

    @Test func `wraps handlers from the outside in`() async throws {
        func tag(_ name: String) -> Middleware {
            { request, next in
                var response = try await next(request)
                response.fields.append("X-Tag", name)
                return response
            }
        }
        let response = try await respond(.get, "/none", middleware: [tag("outer"), tag("inner")])
        #expect(response.status == 404 && response.fields["X-Tag"] == "inner, outer")
    }

    @Test func `lets named origins in, and no others`() async throws {
        let cors = CORS(origins: ["https://app.example"], maximumAge: 600).middleware
        let preflight = try await respond(
            .options, "/echo", fields: [.origin: "https://app.example", .accessControlRequestMethod: "POST"],
            middleware: [cors])
        #expect(preflight.status == 204)
        #expect(preflight.fields[.accessControlAllowOrigin] == "https://app.example")
        #expect(preflight.fields[.accessControlMaxAge] == "600")
        #expect(preflight.fields[.accessControlAllowHeaders]?.contains("Authorization") == true)
        #expect(preflight.fields[.vary]?.contains("Origin") == true)

        let actual = try await respond(
            .get, "/none", fields: [.origin: "https://app.example"], middleware: [cors])
        #expect(actual.status == 404 && actual.fields[.accessControlAllowOrigin] == "https://app.example")
        for name in ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"] {
            #expect(actual.fields[.accessControlExposeHeaders]?.contains(name) == true)
        }

        for origin in ["https://evil.example", "https://app.example.evil", "http://app.example", "null"] {
            let refused = try await respond(
                .options, "/echo", fields: [.origin: origin, .accessControlRequestMethod: "POST"], middleware: [cors])
            #expect(refused.fields[.accessControlAllowOrigin] == nil && refused.fields[.vary] == "Origin")
        }
        let plain = try await respond(.get, "/hello", middleware: [cors])
        #expect(plain.fields[.accessControlAllowOrigin] == nil && plain.fields[.vary] == "Origin")
    }
}

struct RequestBodyTests {
    @Test func `collects up to a limit`() async throws {
        let body = RequestBody(Array("hello world".utf8), pieceSize: 4)
        let bytes = try await body.collect(upTo: 11)
        #expect(bytes == Array("hello world".utf8))
        let end = try await body.next()
        #expect(end == nil)
        await #expect(throws: HTTPRefusal.bodyTooLarge(limit: 10)) {
            try await RequestBody(Array("hello world".utf8)).collect(upTo: 10)
        }
        let nothing = try await RequestBody.empty.collect(upTo: 0)
        #expect(nothing.isEmpty)
    }
}
