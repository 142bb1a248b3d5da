import Foundation
import MailServers
import Testing

/// Three nodes, one PostgreSQL, mail flowing: whatever fails, every message is announced under one event id, and every
/// submission is sent once.
///
/// `make soak` runs it with 200 accounts and longer failures.
@Suite(.timeLimit(.minutes(15)), .serialized)
struct NodeFailureTests {
    private static let isSoak = ProcessInfo.processInfo.environment["MAILBRIDGE_SOAK"] == "1"
    private static let accounts = isSoak ? 200 : 9
    /// How long a paused node sleeps after others took its accounts, and how long mail flows in peace between two failures.
    private static let sleep = isSoak ? 60.0 : 0
    private static let peace = isSoak ? 20.0 : 1

    @Test func `nodes die, sleep and are cut off, the database restarts, and no mail is missed or told twice`()
        async throws
    {
        let users = (0...Self.accounts).map { MailUser("node\($0)@example.test") }
        let host = try await MailHost.start(users: users)
        let cluster = try await Cluster.start(3, host: host)
        let accounts = try await addAccounts(cluster, users)
        try await cluster.settled(3, accounts: Self.accounts + 1, as: cluster.nodes[0])
        for account in accounts { try await account.isRead() }
        let traffic = Traffic(cluster, Array(accounts.dropFirst()), to: accounts[0])
        let flowing = Task(name: "traffic") { try await traffic.run() }
        try await rest(Self.peace)

        // Only what a node that failed may just have sent can be of unknown outcome.
        var doubtful = try await kill(cluster)
        try await rest(Self.peace)
        doubtful.formUnion(try await pause(cluster))
        try await rest(Self.peace)
        for mode in ["fast", "immediate"] {
            try await cluster.server.restart(mode)
            try await cluster.settled(3, accounts: Self.accounts + 1, as: cluster.nodes[0])
            try await rest(Self.peace)
        }
        doubtful.formUnion(try await cut(cluster))
        try await rest(Self.peace)

        traffic.stop()
        try await flowing.value
        try await check(traffic, cluster, doubtful)
        try await cluster.stop()
    }

    private func rest(_ seconds: Double) async throws {
        // Sound: mail is to flow for a while, there is nothing to wait for
        try await Task.sleep(for: .seconds(seconds))
    }

    private func addAccounts(_ cluster: Cluster, _ users: [MailUser]) async throws -> [MailAccount] {
        var accounts: [MailAccount] = []
        for (number, user) in users.enumerated() {
            let node = cluster.nodes[number % 3]
            let made = try await node.api.post("/v1/accounts?verify=false", cluster.host.draft(for: user)).expecting(
                201)
            let id = try #require(made["id"].string)
            accounts.append(MailAccount(id: id, api: cluster.nodes[0].api, host: cluster.host, user: user))
        }
        return accounts
    }

    // MARK: Failures

    /// Each gives the submissions whose outcome nobody may know afterwards.
    private func kill(_ cluster: Cluster) async throws -> Set<String> {
        let victim = cluster.nodes[2]
        let id = try await victim.id
        cluster.remove(victim)
        try await victim.process.kill()
        // Sound: what the database has already been given it still does
        try await rest(1)
        let doubtful = try await cluster.inDoubt(of: id)
        try await cluster.settled(2, accounts: Self.accounts + 1, as: cluster.nodes[0])
        try await cluster.add()
        try await cluster.settled(3, accounts: Self.accounts + 1, as: cluster.nodes[0])
        return doubtful
    }

    private func pause(_ cluster: Cluster) async throws -> Set<String> {
        let victim = cluster.nodes[1]
        let id = try await victim.id
        victim.process.pause()
        // Sound: as above
        try await rest(1)
        let doubtful = try await cluster.inDoubt(of: id)
        try await cluster.settled(2, accounts: Self.accounts + 1, as: cluster.nodes[0])
        try await rest(Self.sleep)
        victim.process.resume()
        try await cluster.settled(3, accounts: Self.accounts + 1, as: cluster.nodes[0])
        #expect(victim.process.output.contains("took this one for dead"))
        return doubtful
    }

    private func cut(_ cluster: Cluster) async throws -> Set<String> {
        let victim = cluster.nodes[2]
        let id = try await victim.id
        victim.line.freeze()
        victim.line.set(.hold)
        // Sound: what the server has already been given it still does; for ten seconds more nobody takes the node for dead
        try await rest(1)
        let doubtful = try await cluster.inDoubt(of: id)
        try await cluster.settled(2, accounts: Self.accounts + 1, as: cluster.nodes[0])
        let refused = try await eventually("the node that is cut off says so") {
            try await victim.process.client.get("/v1/accounts")
        } until: {
            $0.status == 503
        }
        #expect(refused["Retry-After"] != nil)
        #expect(try await victim.process.client.get("/readyz").status == 503)
        victim.line.set(.forward(to: cluster.server.port), cutting: true)
        try await cluster.settled(3, accounts: Self.accounts + 1, as: cluster.nodes[0])
        try await eventually("it answers again") { try await victim.process.client.get("/v1/accounts").status == 200 }
        return doubtful
    }

    // MARK: What must be true

    private func check(_ traffic: Traffic, _ cluster: Cluster, _ doubtful: Set<String>) async throws {
        let api = cluster.nodes[0].api
        for (account, subjects) in traffic.delivered {
            let events = try await eventually("all mail of \(account) is told", within: .seconds(120)) {
                try await MailEvents(api: api, account: account).all().filter { $0["type"] == "message.created" }
            } until: {
                Set($0.compactMap(\.["data"]["subject"].string)).isSuperset(of: subjects)
            }
            let told = events.compactMap(\.["data"]["subject"].string).filter(subjects.contains)
            #expect(told.count == subjects.count, "under one event id each")
            #expect(Set(events.compactMap(\.["id"].string)).count == events.count)
        }
        try await checkSubmissions(traffic, cluster, doubtful)
        // Lag is what it was: new mail is told while somebody waits for it.
        for account in traffic.accounts.prefix(20) {
            let place = try await MailEvents(api: api, account: account.id).newest
            try await cluster.host.dovecot.deliver(
                account.user, TestMail.plain("afterwards", to: account.user.email))
            _ = try await MailEvents(api: api, account: account.id).count(1, after: place, within: .seconds(20))
        }
    }

    private func checkSubmissions(_ traffic: Traffic, _ cluster: Cluster, _ doubtful: Set<String>) async throws {
        let api = cluster.nodes[0].api
        var states: [String: String] = [:]
        for submission in traffic.accepted {
            let account = MailAccount(id: submission.account, api: api, host: traffic.recipient.host)
            // A server that complained, as a busy one does, is left alone for five minutes at most.
            let settled: JSONValue
            do {
                settled = try await account.settled(["id": .string(submission.id)], within: .seconds(330))
            } catch {
                for node in cluster.nodes {
                    let lines = node.process.output.split(separator: "\n").filter {
                        $0.contains(submission.id) || $0.contains(" error ") || $0.contains(" warning ")
                    }
                    print("a node says:", lines.suffix(40).joined(separator: "\n"))
                }
                throw error
            }
            let state = settled["state"].string ?? ""
            states[submission.subject] = state
            let isDoubtful = doubtful.contains(submission.id)
            #expect(state == "sent" || state == "unknown" && isDoubtful, "\(submission) is \(settled)")
        }
        let sent = Set(states.filter { $0.value == "sent" }.keys)
        let arrived = try await eventually("what was sent arrived", within: .seconds(60)) {
            try await traffic.recipient.stored().compactMap { raw in
                String(decoding: raw, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
                    .map { String($0.dropFirst(9)) }
            }
        } until: { subjects in
            sent.isSubset(of: subjects)
        }
        let copies = Dictionary(arrived.map { ($0, 1) }, uniquingKeysWith: +)
        for subject in sent { #expect(copies[subject] == 1, "\(subject) was sent once") }
        // What is unknown may have arrived, once; so may what was accepted without our hearing of it.
        for (subject, count) in copies where !sent.contains(subject) {
            #expect(count == 1 && (states[subject] == "unknown" || traffic.uncertain.contains(subject)), "\(subject)")
        }
        print(
            "nodes: \(traffic.delivered.values.reduce(0) { $0 + $1.count }) messages told, \(states.count) submissions, "
                + "\(states.count - sent.count) unknown of \(doubtful.count) that were in doubt")
    }
}
