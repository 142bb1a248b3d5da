import Model
import Store
import TestDatabases
import Testing

/// Each account has one node that works on it.
@Suite struct LeaseRepositoryTests {
    private func accounts(_ leases: [AccountLease]) -> [String] { leases.map(\.account.rawValue) }

    @Test(arguments: DatabaseFixture.all)
    func `accounts are claimed once, in their order, as many as asked for`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            for id in ["a", "b", "c"] { try await store.addAccount(id) }
            try await store.beat("n", for: .seconds(15), now: .at(0))
            try await store.beat("m", for: .seconds(15), now: .at(0))
            let first = try await store.leases.claim("n", limit: 2, now: .at(1))
            #expect(accounts(first) == ["a", "b"] && first.allSatisfy { $0.epoch == 1 && $0.node == "n" })
            #expect(Set(first.map(\.number)).count == 2)
            #expect(accounts(try await store.leases.claim("m", limit: 9, now: .at(1))) == ["c"])
            #expect(try await store.leases.claim("m", limit: 9, now: .at(1)).isEmpty)
            try await store.addAccount("d")
            #expect(accounts(try await store.leases.claim("n", limit: 9, now: .at(1))) == ["d"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what a dead node had is taken over, under a new epoch`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await store.beat("n", for: .seconds(15), now: .at(0))
            let old = try #require(try await store.leases.claim("n", limit: 9, now: .at(1)).first)
            try await store.beat("m", for: .seconds(99), now: .at(1))
            #expect(try await store.leases.claim("m", limit: 9, now: .at(14_999)).isEmpty)
            // It was heard of again: it lives.
            try await store.beat("n", for: .seconds(15), now: .at(10_000))
            #expect(try await store.leases.claim("m", limit: 9, now: .at(24_999)).isEmpty)
            let new = try #require(try await store.leases.claim("m", limit: 9, now: .at(25_000)).first)
            #expect(new.epoch == old.epoch + 1 && new.number == old.number && new.node == "m")
            // The old one wakes up.
            await #expect(throws: StoreError.accountLeaseLost(old.account)) {
                try await store.sync.noteFirstSync(old)
            }
            try await store.leases.release([old])
            #expect(try await store.leases.claim("n", limit: 9, now: .at(25_001)).isEmpty)
            try await store.sync.noteFirstSync(new)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `the same node cannot write under a lease that it had before`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await store.beat("n", for: .seconds(99))
            let old = try #require(try await store.leases.claim("n", limit: 9).first)
            try await store.leases.release([old])
            await #expect(throws: StoreError.accountLeaseLost(old.account)) {
                try await store.sync.noteFirstSync(old)
            }
            let new = try #require(try await store.leases.claim("n", limit: 9).first)
            await #expect(throws: StoreError.accountLeaseLost(old.account)) {
                try await store.sync.noteFirstSync(old)
            }
            try await store.leases.release([old])
            try await store.sync.noteFirstSync(new)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a node that leaves gives all back, and a start frees what any had`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            for id in ["a", "b"] { try await store.addAccount(id) }
            try await store.beat("n", for: .seconds(99))
            _ = try await store.leases.claim("n", limit: 9)
            try await store.nodes.leave("n")
            try await store.beat("m", for: .seconds(99))
            #expect(accounts(try await store.leases.claim("m", limit: 9)) == ["a", "b"])
            try await store.nodes.clear()
            try await store.beat("k", for: .seconds(99))
            let last = try await store.leases.claim("k", limit: 9)
            #expect(accounts(last) == ["a", "b"] && last.allSatisfy { $0.epoch == 3 })
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a deleted account is nobody's`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await store.beat("n", for: .seconds(99))
            let lease = try #require(try await store.leases.claim("n", limit: 9).first)
            #expect(try await store.accounts.delete(lease.account, ifRevision: nil))
            await #expect(throws: StoreError.accountLeaseLost(lease.account)) {
                try await store.sync.noteFirstSync(lease)
            }
            #expect(try await store.leases.claim("n", limit: 9).isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `who was struck out learns it, and takes nothing before`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            #expect(try await !store.beat("n", for: .seconds(15), now: .at(0)))
            #expect(try await store.beat("n", for: .seconds(15), now: .at(5000)))
            #expect(try await store.nodes.reap(now: .at(19_999)).isEmpty)
            #expect(try await store.nodes.reap(now: .at(20_000)) == ["n"])
            #expect(try await store.leases.claim("n", limit: 9).isEmpty)
            #expect(try await !store.beat("n", for: .seconds(15)))
            #expect(try await store.leases.claim("n", limit: 9).count == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `each node's part is the same, rounded up`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            for number in 0..<5 { try await store.addAccount("a\(number)") }
            try await store.beat("n", for: .seconds(99))
            #expect(try await store.leases.share(of: "n") == .init(own: 0, free: 5, target: 5))
            let leases = try await store.leases.claim("n", limit: 5)
            try await store.beat("m", for: .seconds(99))
            #expect(try await store.leases.share(of: "n") == .init(own: 5, free: 0, target: 3))
            try await store.leases.release(Array(leases.suffix(2)))
            #expect(try await store.leases.share(of: "m") == .init(own: 0, free: 2, target: 3))
            #expect(try await store.leases.claim("m", limit: 3).count == 2)
            let held = try await store.leases.held(by: "n")
            #expect(Set(held.map(\.lease)) == Set(leases.prefix(3)) && held.allSatisfy { $0.revision == 1 })
            let listed = try await store.nodes.list()
            #expect(Dictionary(uniqueKeysWithValues: listed.map { ($0.id, $0.accounts) }) == ["n": 3, "m": 2])
        }
    }
}
