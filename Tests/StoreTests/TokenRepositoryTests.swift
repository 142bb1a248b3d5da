import Database
import Model
import Store
import TestDatabases
import Testing
import Wire

@Suite struct TokenRepositoryTests {
    private static func token(_ id: String, createdAt: Int64 = 1, expiresAt: Int64? = nil) -> Token {
        Token(
            id: TokenID(rawValue: id), name: "front end", scopes: [.read, .send],
            accounts: [AccountID(rawValue: "a"), AccountID(rawValue: "b")], createdAt: .at(createdAt),
            expiresAt: expiresAt.map(Timestamp.init))
    }

    @Test(arguments: DatabaseFixture.all)
    func `finds a token by its secret, which is nowhere in the database`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.tokens.insert(Self.token("t"), secret: Secret("mb_abc"))
            #expect(try await store.tokens.token(secret: Secret("mb_abc")) == Self.token("t"))
            #expect(try await store.tokens.token(secret: Secret("mb_abd")) == nil)
            let digest = try await database.read { sql in try sql.first("SELECT digest FROM tokens")?.blob("digest") }
            // printf mb_abc | sha256sum
            #expect(digest?.prefix(4) == [0xF0, 0x69, 0x14, 0x2A])
            #expect(digest?.count == 32)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `removes one, and those that have expired`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.tokens.insert(Self.token("a"), secret: Secret("1"))
            try await store.tokens.insert(Self.token("b", expiresAt: 100), secret: Secret("2"))
            try await store.tokens.insert(Self.token("c", expiresAt: 101), secret: Secret("3"))
            try await store.sweep(now: .at(100))
            #expect(try await store.tokens.list(after: nil, limit: 10).data.map(\.id.rawValue) == ["a", "c"])
            #expect(try await store.tokens.delete(TokenID(rawValue: "a")))
            #expect(try await !store.tokens.delete(TokenID(rawValue: "a")))
        }
    }
}
