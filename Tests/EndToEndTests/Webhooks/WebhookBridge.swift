import Foundation
import MailServers
import Testing

/// A program that may call this machine, with accounts whose changes are the events; no mail server is needed.
struct WebhookBridge: Sendable {
    let process: MailbridgeProcess
    let folder: TemporaryFolder

    var api: APIClient { APIClient(process.client) }

    static let allowsPrivate = ["MAILBRIDGE_WEBHOOK_ALLOW_PRIVATE": "true"]

    static func start(
        in folder: TemporaryFolder? = nil, settings: [String: String] = allowsPrivate
    ) async throws -> WebhookBridge {
        let folder = try folder ?? TemporaryFolder("webhooks")
        return WebhookBridge(
            process: try await MailbridgeProcess.start(data: folder, settings: settings), folder: folder)
    }

    /// Starts the program again with the same data.
    func restart() async throws -> WebhookBridge { try await WebhookBridge.start(in: folder) }

    /// Adds an account: `account.created`.
    func addAccount(_ id: String) async throws {
        let draft: JSONValue = [
            "id": .string(id), "email": .string("\(id)@example.test"),
            "credentials": ["username": "jane", "password": "secret"],
            "smtp": ["host": "127.0.0.1", "port": 1, "security": "none"],
        ]
        try await api.post("/v1/accounts?verify=false", draft).expecting(201)
    }

    /// Renames an account: `account.updated`.
    func rename(_ id: String, to name: String) async throws {
        try await api.patch("/v1/accounts/\(id)?verify=false", ["name": .string(name)]).expecting(200)
    }
}
