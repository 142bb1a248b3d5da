import HTTP
import HTTPServer
import Model

/// `/v1/accounts/{account}/mailboxes`.
enum MailboxOperations {
    static let all = [
        Operation("listMailboxes", .get, "/v1/accounts/{account}/mailboxes", .read, waits: true, handler: list)
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let mailboxes = try await call.dependencies.mail.mailboxes(of: call.account(), deadline: call.deadline)
        return .page(Page(data: mailboxes, nextCursor: nil), for: call)
    }
}
