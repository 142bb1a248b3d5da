/// Makes requests to a server on loopback, each on a connection of its own.
package struct TestHTTPClient: Sendable {
    package let port: UInt16
    /// Sent as a bearer token.
    package var token: String?
    /// How long each read may take.
    package var timeout = 60

    package init(port: UInt16, token: String? = nil) {
        self.port = port
        self.token = token
    }

    package func get(_ target: String, headers: [(String, String)] = []) async throws -> TestHTTPResponse {
        try await send("GET", target, headers: headers)
    }

    package func delete(_ target: String, headers: [(String, String)] = []) async throws -> TestHTTPResponse {
        try await send("DELETE", target, headers: headers)
    }

    package func post(
        _ target: String, json: JSONValue? = nil, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        try await send("POST", target, json: json, headers: headers)
    }

    package func patch(
        _ target: String, json: JSONValue, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        try await send("PATCH", target, json: json, headers: headers)
    }

    /// A request with a JSON body.
    package func send(
        _ method: String, _ target: String, json: JSONValue?, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        let type = json == nil ? [] : [("Content-Type", "application/json")]
        return try await send(method, target, headers: type + headers, body: json?.encoded() ?? [])
    }

    /// A request with any body.
    ///
    /// `onBody` takes the response's body as it arrives, which then is not kept.
    package func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        onBody: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) async throws -> TestHTTPResponse {
        let (port, timeout) = (port, timeout)
        let authorization = token.map { [("Authorization", "Bearer \($0)")] } ?? []
        return try await onThread {
            let connection = try TestHTTPConnection(port: port, timeout: timeout)
            try connection.sendRequest(
                method, target, headers: authorization + headers + [("Connection", "close")], body: body)
            return try connection.readResponse(toHead: method == "HEAD", onBody: onBody)
        }
    }
}
