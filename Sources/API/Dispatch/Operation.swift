package import HTTP
package import HTTPServer
package import Model

/// One row of the route table: what an operation is called, who may call it, what it takes, and what it does.
///
/// The contract test compares each member with openapi.yaml.
package struct Operation: Sendable {
    package let id: String
    package let method: HTTPMethod
    package let path: String
    /// One of these is enough; `admin` always is.
    package let scopes: [Scope]
    /// Query parameters; any other one is refused.
    package let query: [String]
    /// Media types of the body; empty where there is none.
    package let accepts: [String]
    /// Whether it waits for mail servers, so that `Prefer: wait` means something.
    package let waits: Bool
    /// Media types of bodies that are never held, but put into a file as they come: `Call.upload`.
    package let spools: [String]
    /// Whether `ticket` in the query may stand for the token, as browsers need it that cannot set a header.
    package let takesTicket: Bool
    package let handler: @Sendable (Call) async throws -> HTTPResponse

    init(
        _ id: String, _ method: HTTPMethod, _ path: String, _ scopes: Scope..., query: [String] = [],
        accepts: [String] = [], waits: Bool = false, spools: [String] = [], takesTicket: Bool = false,
        handler: @escaping @Sendable (Call) async throws -> HTTPResponse
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.scopes = scopes
        self.query = query
        self.accepts = accepts
        self.waits = waits
        self.spools = spools
        self.takesTicket = takesTicket
        self.handler = handler
    }

    /// Whether the path names an account; a token bound to accounts may then use it for those.
    package var isOfAccount: Bool { path.hasPrefix("/v1/accounts/{account}") }

    /// All operations that need a token, in the order of the contract.
    package static let all: [Operation] =
        AccountOperations.all + MailboxOperations.all + MessageOperations.all + LinkOperations.all + BatchOperations.all
        + DraftOperations.all + ThreadOperations.all + SubmissionOperations.all + SubmissionBatchOperations.all
        + TemplateOperations.all + TokenOperations.all
        + WebhookOperations.all
        + EventOperations.all + OAuthOperations.all + AuditOperations.all + MetricsOperations.all
        + NodeOperations.all
}

/// An operation that needs no token.
package struct OpenOperation: Sendable {
    package let id: String
    package let method: HTTPMethod
    package let path: String
    package let handler: Handler

    init(_ id: String, _ path: String, method: HTTPMethod = .get, handler: @escaping Handler) {
        self.id = id
        self.method = method
        self.path = path
        self.handler = handler
    }
}
