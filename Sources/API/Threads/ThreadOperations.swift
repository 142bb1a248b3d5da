import HTTP
import HTTPServer
import Model

/// `/v1/accounts/{account}/threads`.
enum ThreadOperations {
    static let all = [
        Operation(
            "listThreads", .get, "/v1/accounts/{account}/threads", .read, query: ["mailbox", "limit", "cursor"],
            waits: true, handler: list),
        Operation(
            "getThread", .get, "/v1/accounts/{account}/threads/{thread}", .read, waits: true, handler: show),
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let mailbox = call.query["mailbox"].map(MailboxReference.init) ?? .role(.inbox)
        return try await call.page { limit, cursor in
            try await call.dependencies.mail.threads(
                of: call.account(), in: mailbox, limit: limit, cursor: cursor, deadline: call.deadline)
        }
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        .json(
            try await call.dependencies.mail.thread(
                ThreadID(rawValue: call.parameter("thread")), of: call.account(), deadline: call.deadline))
    }
}
