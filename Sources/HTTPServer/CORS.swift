import HTTP

/// Cross-origin requests of browsers, for exactly the origins that the operator named (the Fetch standard's protocol).
package struct CORS: Sendable {
    private let origins: Set<String>
    private let maximumAge: Int

    /// The origins look like `https://app.example`; `maximumAge` is how many seconds a browser may remember a preflight.
    package init(origins: some Sequence<String>, maximumAge: Int = 7200) {
        self.origins = Set(origins)
        self.maximumAge = maximumAge
    }

    /// Answers preflights and adds to all other responses what lets an allowed origin read them.
    package var middleware: Middleware {
        { request, next in
            let origin = request.fields[.origin].flatMap { origins.contains($0) ? $0 : nil }
            if let origin, request.method == .options, request.fields.contains(.accessControlRequestMethod) {
                return preflight(origin)
            }
            var response = try await next(request)
            // Also without an origin: a cache must not give this answer to one that has.
            response.fields.append(.vary, "Origin")
            if let origin {
                response.fields.append(.accessControlAllowOrigin, origin)
                response.fields.append(.accessControlExposeHeaders, Self.exposed)
            }
            return response
        }
    }

    private func preflight(_ origin: String) -> HTTPResponse {
        HTTPResponse(
            .noContent,
            fields: [
                .accessControlAllowOrigin: origin,
                .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE",
                .accessControlAllowHeaders: Self.allowed,
                .accessControlMaxAge: "\(maximumAge)",
                .vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ])
    }

    /// `Authorization` must be listed by name: `*` does not cover it.
    private static let allowed =
        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, "
        + "Prefer, Range, X-Request-Id"
    private static let exposed =
        "Content-Disposition, Content-Range, ETag, Link, Location, Preference-Applied, RateLimit, RateLimit-Policy, "
        + "Retry-After, X-Request-Id"
}
