import HTTP
import HTTPServer
package import Model
import Representation

/// `/v1/oauth/…`: have a mailbox connected by its owner.
enum OAuthOperations {
    static let all = [
        Operation(
            "createAuthorization", .post, "/v1/oauth/authorizations", .admin, accepts: ["application/json"],
            handler: create),
        Operation(
            "getAuthorization", .get, "/v1/oauth/authorizations/{authorization}", .admin, handler: show),
        Operation(
            "redeemAuthorizationResult", .post, "/v1/oauth/results", .admin, accepts: ["application/json"],
            handler: redeem),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), AuthorizationDraft.read)
        let made = try await call.dependencies.authorizations.create(draft)
        var response = HTTPResponse.json(
            ShownAuthorization(authorization: made.authorization, url: made.url), .created
        ).located(at: "/v1/oauth/authorizations/\(made.authorization.id)")
        response.fields[.cacheControl] = "no-store"
        return response
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        .json(
            ShownAuthorization(
                authorization: try await call.dependencies.authorizations.authorization(
                    call.parameter("authorization"))))
    }

    private static func redeem(_ call: Call) async throws -> HTTPResponse {
        let result = try call.json().read(FaultCollector()) { $0.required("result")?.line(maximum: 200) }
        return .json(ShownAuthorization(authorization: try await call.dependencies.authorizations.redeem(result)))
    }
}

extension AuthorizationDraft {
    private enum Flow: String, CaseIterable {
        case page
        case device
    }

    /// Reads the body of `createAuthorization`.
    package static func read(_ reader: inout ObjectReader) -> AuthorizationDraft? {
        let email = reader.optional("email").map { $0.line() }
        let provider = reader.optional("provider").map { $0.line() }
        let account = reader.optional("accountId").map { AccountID.read($0) }
        let name = reader.optional("name").map { $0.line() }
        let url = reader.optional("returnUrl").map { $0.line(maximum: 2048) }
        let flow = reader.optional("flow").map { $0.choice(of: Flow.self) } ?? .page
        guard let flow else { return nil }
        return AuthorizationDraft(
            email: email ?? nil, provider: provider ?? nil, account: account ?? nil, name: name ?? nil,
            returnURL: url ?? nil, usesDevice: flow == .device)
    }
}

private struct ShownAuthorization: JSONWritable {
    let authorization: Authorization
    var url: String?

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", authorization.id)
            writer.member("status", authorization.status.rawValue)
            writer.member("email", authorization.email)
            writer.member("provider", authorization.provider)
            writer.member("accountId", authorization.account)
            writer.member("error", authorization.fault)
            if let url { writer.member("url", url) }
            if let device = authorization.device {
                writer.member(
                    "device",
                    object: { writer in
                        writer.member("userCode", device.userCode)
                        writer.member("verificationUrl", device.verificationURL)
                        writer.member("verificationUrlComplete", device.completeURL)
                    })
            }
            writer.member("createdAt", authorization.createdAt)
            writer.member("expiresAt", authorization.expiresAt)
        }
    }
}
