import MailServers
import Testing

/// A maildrop that nobody ever emptied.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct MaildropSizeTests {
    @Test(arguments: MailStore.allCases)
    func `5,000 messages are read over TLS, and every one is listed, in bounded memory`(store: MailStore) async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newMaildrop(store) { user in
            try await user.seed(count: 5_000) { SeedMessage(TestMail.plain("Message \($0)")) }
        }
        let memory = try bridge.process.residentMemory
        let first = try await account.list("limit=50")["data"].array
        #expect(first.map(\.["subject"].string) == (4_950..<5_000).reversed().map { "Message \($0)" })
        let watch = Task(name: "memory") {
            var most = 0
            while !Task.isCancelled {
                most = max(most, (try? bridge.process.residentMemory) ?? 0)
                // Sound: a pause between two looks at the memory
                try? await Task.sleep(for: .milliseconds(20))
            }
            return most
        }
        try await account.isRead(within: .seconds(240))
        let all = try await account.listAll("limit=500&fields=id,subject")
        watch.cancel()
        #expect(all.count == 5_000 && Set(all.compactMap(\.["id"].string)).count == 5_000)
        #expect(all.map(\.["subject"].string) == (0..<5_000).reversed().map { "Message \($0)" })
        #expect(try await account.events.all().filter { $0["type"].string != "mailbox.created" }.isEmpty)
        let grown = await watch.value - memory
        #expect(grown < 64 << 20, "\(grown >> 20) MiB more than before")
    }
}
