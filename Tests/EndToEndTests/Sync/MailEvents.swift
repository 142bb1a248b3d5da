import MailServers
import Testing

/// What the event log tells of one account's mail.
struct MailEvents: Sendable {
    let api: APIClient
    let account: String

    /// All events of mail and mailboxes after a place in the log, in order.
    func all(after: Int = 0) async throws -> [JSONValue] {
        var events: [JSONValue] = []
        var place = after
        while true {
            let page = try await api.get("/v1/events?account=\(account)&after=\(place)&limit=500").expecting(200)
            events += page["data"].array.filter { event in
                let type = event["type"].string ?? ""
                return type.hasPrefix("message.") || type.hasPrefix("mailbox.")
            }
            let next = page["next"].int ?? place
            if next <= place || page["data"].array.isEmpty && next >= (page["newest"].int ?? 0) { return events }
            place = next
        }
    }

    /// The same once there are so many of them.
    func count(_ count: Int, after: Int = 0, within limit: Duration = .seconds(60)) async throws -> [JSONValue] {
        try await eventually("\(count) events", within: limit) {
            try await all(after: after)
        } until: {
            $0.count >= count
        }
    }

    /// The last place in the log.
    var newest: Int {
        get async throws { try await api.get("/v1/events?limit=1").expecting(200)["newest"].int ?? 0 }
    }
}

extension MailAccount {
    var events: MailEvents { MailEvents(api: api, account: id) }

    /// Returns once nothing of the account remains to be read: an id that nobody has is then known to be nobody's.
    func isRead(within limit: Duration = .seconds(60)) async throws {
        try await eventually("the account is read", within: limit) {
            try await api.get("\(path)/messages/nobody", headers: [("Prefer", "wait=1")]).status == 404
        }
    }
}
