import HTTP
import HTTPServer
package import Model
package import Representation
import Wire

/// `/v1/tokens`.
enum TokenOperations {
    static let all = [
        Operation("createToken", .post, "/v1/tokens", .admin, accepts: ["application/json"], handler: create),
        Operation("listTokens", .get, "/v1/tokens", .admin, query: ["limit", "cursor"], handler: list),
        Operation("deleteToken", .delete, "/v1/tokens/{token}", .admin, handler: revoke),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), TokenDraft.read)
        let made = try await call.dependencies.tokens.create(draft)
        var response = HTTPResponse.json(NewToken(token: made.token, secret: made.secret), .created)
        response.fields[.cacheControl] = "no-store"
        return response
    }

    private static func list(_ call: Call) async throws -> HTTPResponse {
        try await call.page { limit, cursor in try await call.dependencies.tokens.list(limit: limit, cursor: cursor) }
    }

    private static func revoke(_ call: Call) async throws -> HTTPResponse {
        try await call.dependencies.tokens.revoke(TokenID(rawValue: call.parameter("token")))
        // Whoever follows the event log with it ends now.
        call.dependencies.events.ring()
        return HTTPResponse(.noContent)
    }
}

extension TokenDraft {
    /// Reads the body of `createToken`.
    package static func read(_ reader: inout ObjectReader) -> TokenDraft? {
        let name = reader.required("name")?.line(maximum: 200)
        let scopes = reader.required("scopes").flatMap { nonEmpty($0) { $0.choice(of: Scope.self) } }
        let accounts = reader.optional("accounts").flatMap { nonEmpty($0) { AccountID.read($0) } }
        let seconds = reader.optional("expiresIn")?.integer(1...Limits.tokenLifetime)
        let addresses = reader.optional("addresses").flatMap { nonEmpty($0, readRange) }
        let rate = reader.optional("rateLimit")?.integer(1...Limits.rateLimit)
        guard let name, let scopes else { return nil }
        return TokenDraft(
            name: name, scopes: Set(scopes), accounts: accounts.map { Set($0) },
            expiresIn: seconds.map { .seconds($0) }, addresses: addresses, rateLimit: rate)
    }

    private static func readRange(_ node: JSONNode) -> AddressRange? {
        guard let text = node.string() else { return nil }
        guard let range = AddressRange(text) else {
            node.fail("must be an IP address, or a range like 192.0.2.0/24")
            return nil
        }
        return range
    }

    /// An empty list of accounts or scopes would be a token for nothing, and is more likely a mistake.
    private static func nonEmpty<Element>(_ node: JSONNode, _ read: (JSONNode) -> Element?) -> [Element]? {
        let elements = node.array(read)
        if node.value == .array([]) { node.fail("must not be empty") }
        return elements
    }
}

extension Token: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("scopes", array: scopes.sorted().map(\.rawValue))
        if let accounts {
            writer.member("accounts", array: accounts.sorted())
        } else {
            writer.member("accounts", nil as Bool?)
        }
        if let addresses {
            writer.member("addresses", array: addresses.map(\.description))
        } else {
            writer.member("addresses", nil as Bool?)
        }
        writer.member("rateLimit", rateLimit)
        writer.member("createdAt", createdAt)
        writer.member("expiresAt", expiresAt)
        writer.member("lastUsedAt", lastUsedAt)
    }
}

/// A token with its secret: the only answer that has one.
private struct NewToken: JSONWritable {
    let token: Token
    let secret: Secret

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            token.writeMembers(to: &writer)
            writer.member("token", secret.revealed)
        }
    }
}
