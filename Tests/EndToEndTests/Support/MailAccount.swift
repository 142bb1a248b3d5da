import MailServers
import Testing

/// An account in a running program.
struct MailAccount: Sendable {
    let id: String
    let api: APIClient
    let host: MailHost
    var user = MailUser("")
    /// Where its mail is.
    var store = MailStore.dovecot

    var path: String { "/v1/accounts/\(id)" }

    func message(_ id: JSONValue) throws -> String {
        guard let id = id.string else { throw ServerFailure("A message without an id") }
        return "\(path)/messages/\(id)"
    }

    /// A page of messages.
    func list(_ query: String) async throws -> JSONValue {
        try await api.get("\(path)/messages?\(query)").expecting(200)
    }

    /// All messages that a query finds, in pages of its own size.
    func listAll(_ query: String) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        var cursor = ""
        while true {
            let page = try await list("\(query)\(cursor)")
            all += page["data"].array
            guard let next = page["nextCursor"].string else { return all }
            cursor = "&cursor=\(next.percentEncoded)"
        }
    }

    /// The only message that there is.
    func onlyMessage(in mailbox: String = "inbox") async throws -> JSONValue {
        let found = try await list("mailbox=\(mailbox)")["data"].array
        guard found.count == 1 else { throw ServerFailure("\(found.count) messages in \(mailbox) instead of one") }
        return found[0]
    }

    func submit(_ draft: JSONValue, headers: [(String, String)] = []) async throws -> JSONValue {
        try await api.post("\(path)/submissions", draft, headers: headers).expecting(202)
    }

    /// A submission once nothing more will happen to it.
    func settled(_ submission: JSONValue, within limit: Duration = .seconds(30)) async throws -> JSONValue {
        guard let id = submission["id"].string else { throw ServerFailure("A submission without an id") }
        return try await eventually("submission \(id) is settled", within: limit) {
            try await api.get("\(path)/submissions/\(id)").expecting(200)
        } until: {
            !["scheduled", "queued", "sending"].contains($0["state"].string)
        }
    }
}
