import Model
import Store
import TestDatabases
import Testing

@Suite struct `The line before a maildrop` {
    private let account = AccountID(rawValue: "a")

    private func beat(_ store: MailStore, _ node: String, at now: Timestamp = .at(2000)) async throws {
        _ = try await store.nodes.beat(NodeFacts(id: node, host: "h", version: "1"), for: .seconds(15), now: now)
    }

    @Test(arguments: DatabaseFixture.all) func `is as long as there are tickets, and the lowest is first`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            for node in ["one", "two"] { try await beat(store, node) }
            let line = store.maildropLine
            let first = try #require(try await line.draw(account, node: "one", nonce: "1"))
            let second = try #require(try await line.draw(account, node: "two", nonce: "2"))
            #expect(try await line.isFirst(first, account))
            #expect(try await !line.isFirst(second, account))
            #expect(try await line.isWanted(first, account))
            #expect(try await !line.isWanted(second, account))
            try await line.leave("1", account)
            #expect(try await line.isFirst(second, account))
            // No ticket comes twice: what is given back late is nobody else's.
            let third = try #require(try await line.draw(account, node: "one", nonce: "3"))
            #expect(third > second)
            try await line.leave("1", account)
            #expect(try await !line.isFirst(third, account))
            #expect(try await line.draw(AccountID(rawValue: "nobody"), node: "one", nonce: "4") == nil)
        }
    }

    /// The answer to COMMIT was lost: the ticket is in the line, and nobody knows which it is.
    @Test(arguments: DatabaseFixture.all) func `is left also by whoever never heard of his ticket`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            for node in ["one", "two"] { try await beat(store, node) }
            let line = store.maildropLine
            _ = try await line.draw(account, node: "one", nonce: "lost")
            let next = try #require(try await line.draw(account, node: "two", nonce: "next"))
            #expect(try await !line.isFirst(next, account))
            try await line.leave("lost", account)
            #expect(try await line.isFirst(next, account))
            try await line.leave("lost", account)
            #expect(try await line.isFirst(next, account))
        }
    }

    @Test(arguments: DatabaseFixture.all) func `passes over nodes that are struck out`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await beat(store, "dead")
            let line = store.maildropLine
            let lost = try #require(try await line.draw(account, node: "dead", nonce: "1"))
            try await beat(store, "alive", at: .at(10_000))
            let next = try #require(try await line.draw(account, node: "alive", nonce: "2"))
            #expect(try await !line.isFirst(next, account))
            try await store.nodes.reap(now: .at(18_000))
            #expect(try await line.isFirst(next, account))
            // It wakes up and is in the list again: its old ticket is gone with whoever drew next.
            _ = try await line.draw(account, node: "alive", nonce: "3")
            try await beat(store, "dead", at: .at(19_000))
            #expect(try await line.isFirst(next, account))
            #expect(lost < next)
        }
    }

    @Test func `is left by whoever may have been struck out meanwhile`() async throws {
        let standing = NodeStanding()
        #expect(standing.term == nil)
        standing.confirm(until: .now + .seconds(10))
        let term = try #require(standing.term)
        standing.confirm(until: .now + .seconds(20))
        #expect(standing.term == term)
        standing.confirm(until: .now - .seconds(1))
        #expect(standing.term == nil)
        standing.confirm(until: .now + .seconds(10))
        #expect(try #require(standing.term) != term)
    }
}
