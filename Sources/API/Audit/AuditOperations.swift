import HTTP
import HTTPServer
package import Model
package import Representation

/// `/v1/audit`.
enum AuditOperations {
    static let all = [
        Operation(
            "listAuditEntries", .get, "/v1/audit", .admin, query: ["limit", "cursor", "account", "principal"],
            handler: list)
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let account = call.query["account"].map(AccountID.init(rawValue:))
        let principal = call.query["principal"]
        return try await call.page { limit, cursor in
            try await call.dependencies.audit.list(account: account, principal: principal, limit: limit, cursor: cursor)
        }
    }
}

extension AuditEntry: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("at", at)
            writer.member("principal", principal)
            writer.member("operation", operation)
            writer.member("accountId", account)
            writer.member("status", status)
            writer.member("address", address)
            writer.member("requestId", requestID)
        }
    }
}
