import Foundation
import MailServers
import Testing

/// The API as the bearer of one token sees it; every exchange is recorded for the contract.
struct APIClient: Sendable {
    var http: TestHTTPClient

    var port: UInt16 { http.port }

    init(_ http: TestHTTPClient) { self.http = http }

    /// The same API with another token, or none.
    func with(token: String?) -> APIClient {
        var other = self
        other.http.token = token
        return other
    }

    func get(_ target: String, headers: [(String, String)] = []) async throws -> TestHTTPResponse {
        try await send("GET", target, headers: headers)
    }

    func delete(_ target: String, headers: [(String, String)] = []) async throws -> TestHTTPResponse {
        try await send("DELETE", target, headers: headers)
    }

    func post(
        _ target: String, _ json: JSONValue? = nil, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        let type = json == nil ? [] : [("Content-Type", "application/json")]
        return try await send("POST", target, headers: type + headers, body: json?.encoded() ?? [])
    }

    func patch(
        _ target: String, _ json: JSONValue, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        try await send(
            "PATCH", target, headers: [("Content-Type", "application/merge-patch+json")] + headers,
            body: json.encoded())
    }

    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        onBody: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) async throws -> TestHTTPResponse {
        let response = try await http.send(method, target, headers: headers, body: body, onBody: onBody)
        try ExchangeRecorder.current?.record(method, target, response)
        return response
    }
}

extension TestHTTPResponse {
    /// The JSON of an answer that has to have this status.
    @discardableResult
    func expecting(_ status: Int, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
        try #require(self.status == status, "HTTP \(self.status): \(text.prefix(2000))", sourceLocation: sourceLocation)
        return body.isEmpty ? .null : try json
    }

    /// The problem document that this answer has to be.
    @discardableResult
    func problem(
        _ status: Int, _ slug: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        let problem = try expecting(status, sourceLocation: sourceLocation)
        #expect(self["Content-Type"] == "application/problem+json", sourceLocation: sourceLocation)
        #expect(problem["status"].int == status, sourceLocation: sourceLocation)
        #expect(problem["type"].string == "/problems/\(slug)", "\(text)", sourceLocation: sourceLocation)
        #expect(problem["title"].string?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(problem["requestId"].string == self["X-Request-Id"], "\(text)", sourceLocation: sourceLocation)
        #expect(problem["requestId"].string?.isEmpty == false, sourceLocation: sourceLocation)
        return problem
    }
}

extension String {
    /// As the value of a query parameter or a component of a path.
    var percentEncoded: String {
        addingPercentEncoding(withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "\0"..."\u{7f}")))
            ?? ""
    }
}
