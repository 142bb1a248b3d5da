import MailServers
import Testing

/// Messages that a server lists and does not give.
@Suite(.timeLimit(.minutes(3)))
struct HeldMessageTests {
    private static let bridge = Task(name: "held bridge") { try await Bridge.start(settings: Bridge.quickMaildrops) }

    private func account(_ server: OddServer) async throws -> MailAccount {
        try await Self.bridge.value.addAccount(server.draft())
    }

    private func subjects(_ account: MailAccount) async throws -> [String] {
        try await account.listAll("").compactMap(\.["subject"].string)
    }

    @Test(arguments: [[], ["nouidl"]])
    func `a message that the server does not give now is told of when it does, and none is told to be gone`(
        habits: [String]
    ) async throws {
        let server = try OddServer(habits)
        try server.put("id1", "One")
        try server.put("id2", "Two")
        let account = try await account(server)
        try await account.isRead()
        // Before it comes: the next visit may be between the two.
        try server.sick("id3")
        try server.put("id3", "Three")
        if !habits.isEmpty { try server.sick("id1") }
        try server.put("id4", "Four")
        // A visit sees what was there at its login: the next but one has seen all four as they are now.
        let before = try await server.logins().all
        try await eventually("a visit saw them all") { try await server.logins().all >= before + 2 }
        try await eventually("it is said what is wrong") {
            try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastError"]["code"].string
                == "unavailable"
        }
        #expect(try await account.events.all().allSatisfy { $0["type"] == "message.created" })
        try server.heal("id1")
        try server.heal("id3")
        let created = try await account.events.count(2)
        #expect(Set(created.compactMap(\.["data"]["subject"].string)) == ["Three", "Four"])
        #expect(created.allSatisfy { $0["type"] == "message.created" })
        try await eventually("all is well") {
            try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastError"].isNull
        }
        #expect(try await account.events.all().count == 2)
        // Without unique ids it could not be met before it was read: then it counts as the newest.
        let order = habits.isEmpty ? ["Four", "Three", "Two", "One"] : ["Three", "Four", "Two", "One"]
        #expect(try await subjects(account) == order)
    }

    /// Without unique ids it cannot even be numbered: then the first look waits for it.
    @Test func `what was there at the first look is no news, though the server gave it only later`() async throws {
        let server = try OddServer(["nouidl"])
        try server.put("id1", "One")
        try server.put("id2", "Two")
        try server.sick("id1")
        let account = try await account(server)
        try await eventually("it is said what is wrong") {
            try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastError"]["code"].string
                == "unavailable"
        }
        try server.heal("id1")
        try await account.isRead()
        try server.put("id3", "Three")
        #expect(try await account.events.count(1).map(\.["data"]["subject"].string) == ["Three"])
        // It was met last, so that it counts as the newer of the two.
        #expect(try await subjects(account) == ["Three", "One", "Two"])
        #expect(try await account.events.all().count == 1)
    }
}
