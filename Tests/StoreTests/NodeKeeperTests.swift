import Database
import Logging
import Model
import Nodes
import Store
import Synchronization
import TestDatabases
import Testing

/// What a node makes of it that others replaced the secret key while it slept.
// The first to need PostgreSQL waits for it to be set up.
@Suite(.timeLimit(.minutes(3))) struct NodeKeeperTests {
    @Test(arguments: DatabaseFixture.all)
    func `a node without the key is told to let go, and to go on once it has it`(_ fixture: DatabaseFixture)
        async throws
    {
        try await fixture.withDatabase { database in
            let given = try Mutex(MasterKeys(KeyRotationTests.key(7)))
            let store = try await MailStore.open(
                database, masterKeys: given.withLock { $0 }, reread: { given.withLock { $0 } })
            let command = try await KeyRotationTests.open(database, 8, 7)
            _ = try await KeyRotationTests.rotation(command, 8, 7).run()

            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let standing = NodeStanding(id: "sleeper")
            let keeper = NodeKeeper(
                store: store, standing: standing, host: "host", version: "1", syncs: true, logger: logger)
            let (changes, told) = AsyncStream.makeStream(of: NodeKeeper.Change.self)
            keeper.onChange { told.yield($0) }
            // It believes in itself for a moment more than the others do; they struck it out.
            standing.confirm(until: .now)
            let beating = Task { await keeper.run() }
            defer { beating.cancel() }
            var heard = changes.makeAsyncIterator()
            while let change = await heard.next(), change != .keyless { try #require(change == .uncertain) }
            #expect(!standing.isCertain)
            #expect(try await command.nodes.list().isEmpty)
            try given.withLock { $0 = MasterKeys(try KeyRotationTests.key(8)) }
            while let change = await heard.next(), change != .certain { try #require(change == .uncertain) }
            #expect(standing.isCertain)
            #expect(try await command.nodes.list().map(\.id) == ["sleeper"])
            beating.cancel()
            await beating.value
        }
    }
}
