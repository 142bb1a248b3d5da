import MailServers
import Testing

/// Several nodes and one maildrop, whose server lets in whoever comes.
@Suite(.timeLimit(.minutes(5)))
struct MaildropNodesTests {
    @Test func `two nodes never have a session at the same time, and no call is refused`() async throws {
        let cluster = try await Cluster.start(2, host: try await MailHost.shared(), settings: Bridge.quickMaildrops)
        let server = try OddServer(["nolock"])
        for number in 1...20 { try server.put("id\(number)", "Message \(number)") }
        let nodes = cluster.nodes
        let made = try await nodes[0].api.post("/v1/accounts", server.draft()).expecting(201)
        let id = try #require(made["id"].string)
        let accounts = nodes.map { MailAccount(id: id, api: $0.api, host: cluster.host) }
        for account in accounts { try await account.isRead() }
        let old = try await accounts[0].listAll("fields=id").compactMap(\.["id"].string)

        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for round in 0..<30 {
                for account in accounts {
                    group.addTask {
                        try await account.api.get(
                            "\(account.path)/messages?limit=5", headers: [("Prefer", "wait=60")]
                        ).status
                    }
                }
                // Some of them delete, some come.
                if round % 5 == 0 {
                    try server.put("new\(round)", "New \(round)")
                    let account = accounts[round / 5 % 2]
                    group.addTask {
                        try await account.api.send(
                            "DELETE", "\(account.path)/messages/\(old[round / 5])", headers: [("Prefer", "wait=60")]
                        ).status
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 60 && statuses.filter { $0 == 204 }.count == 6, "\(statuses)")
        let events = try await accounts[0].events.count(12)
        #expect(events.filter { $0["type"] == "message.created" }.count == 6)
        #expect(
            Set(events.filter { $0["type"] == "message.deleted" }.compactMap(\.["data"]["id"].string))
                == Set(old.prefix(6)))
        #expect(try await accounts[1].listAll("fields=id").count == 20)

        // The one that has the account dies, perhaps in the midst of a session: the other goes on, and tells what comes.
        let victim = try #require(
            try await nodes[0].api.get("/v1/nodes").expecting(200)["data"].array.first { $0["accounts"].int == 1 })
        let isFirst = victim["isSelf"] == true
        try await nodes[isFirst ? 0 : 1].process.kill()
        cluster.remove(nodes[isFirst ? 0 : 1])
        try server.put("last", "Last")
        let survivor = accounts[isFirst ? 1 : 0]
        let told = try await survivor.events.count(13)
        #expect(told.last?["data"]["subject"] == "Last")
        let answer = try await survivor.api.get("\(survivor.path)/messages", headers: [("Prefer", "wait=60")])
        #expect(answer.status == 200)
        let logins = try await server.logins()
        #expect(logins.most == 1, "\(logins.all) logins")
        try await cluster.stop()
    }
}
