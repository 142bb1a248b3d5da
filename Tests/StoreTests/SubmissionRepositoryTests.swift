import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct SubmissionRepositoryTests {
    private static let account = AccountID(rawValue: "a")

    private static func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) } }

    private static func read(_ id: String, _ store: MailStore) async throws -> [UInt8]? {
        guard var reader = try await store.submissions.content(of: SubmissionID(rawValue: id)) else { return nil }
        var octets: [UInt8] = []
        while let chunk = try await reader.next() {
            #expect(chunk.count <= Limits.contentChunk)
            octets += chunk
        }
        #expect(octets.count == reader.size)
        return octets
    }

    @Test(arguments: DatabaseFixture.all)
    func `gives back the submission, but not under another account`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            var submission = Submission.sample("s", sendAt: 5000)
            submission.recipients[1] = SubmissionRecipient(
                email: "cy@example.net", state: .deferred, code: 451, enhancedCode: "4.7.1", text: "später")
            submission.error = SubmissionFault(code: "recipients-deferred", text: "one")
            try await store.submissions.insert(submission, content: [1, 2, 3])
            submission.nextAttemptAt = .at(5000)
            #expect(try await store.submissions.submission(submission.id, of: Self.account) == submission)
            #expect(try await store.submissions.submission(submission.id, of: AccountID(rawValue: "b")) == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `keeps content of any size in chunks`(_ fixture: DatabaseFixture) async throws {
        let chunk = Limits.contentChunk
        try await fixture.withStore { store in
            try await store.addAccount("a")
            for count in [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5] {
                let content = Self.content(count)
                try await store.submissions.insert(.sample("s\(count)"), content: content)
                let found = try await Self.read("s\(count)", store)
                #expect(found == content, "\(count)")
            }
        }
    }

    /// What a batch does with the messages that it cannot hold.
    @Test(arguments: DatabaseFixture.all)
    func `a small message that was put into the store early is sent like any other`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let content = Self.content(10_000)
            var upload = store.submissions.beginContent(for: Self.account, at: .at(1))
            try await upload.append(content)
            try await upload.flush()
            try await store.submissions.insert(.sample("early"), content: upload)
            try await store.submissions.insert(.sample("late"), content: content)
            let claimed = try await store.submissions.claim(by: "n1", limit: 10, until: .at(2000), now: .at(1000))
            #expect(Set(claimed.map(\.submission.id.rawValue)) == ["early", "late"])
            let found = try await Self.read("early", store)
            #expect(found == content)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `takes content piece by piece, and sweeps what was given up`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.addAccount("a")
            let content = Self.content(700_001)
            var upload = store.submissions.beginContent(for: Self.account, at: .at(1))
            var lost = store.submissions.beginContent(for: Self.account, at: .at(1))
            for start in stride(from: 0, to: content.count, by: 1234) {
                let piece = Array(content[start..<min(start + 1234, content.count)])
                try await upload.append(piece)
                try await lost.append(piece)
            }
            try await store.submissions.insert(.sample("s"), content: upload)
            try await store.sweep(now: .at(3_600_000))
            let before = try await database.read { try $0.first("SELECT COUNT(*) AS n FROM blobs")?.integer("n") }
            try await store.sweep(now: .at(3_600_001))
            let after = try await database.read { try $0.first("SELECT COUNT(*) AS n FROM blobs")?.integer("n") }
            #expect(before == 2 && after == 1)
            let found = try await Self.read("s", store)
            #expect(found == content)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `content that was cut, swapped or reordered does not open`(_ fixture: DatabaseFixture) async throws {
        let damages: [SQL] = [
            "DELETE FROM blob_chunks WHERE position = 2",
            "DELETE FROM blob_chunks WHERE position = 0",
            """
            UPDATE blob_chunks SET sealed = (SELECT other.sealed FROM blob_chunks AS other
                WHERE other.blob_id = blob_chunks.blob_id AND other.position = 1)
                WHERE position = 0 AND blob_id = (SELECT blob_id FROM submissions WHERE id = 's')
            """,
            "UPDATE submissions SET blob_id = (SELECT blob_id FROM submissions WHERE id = 'other') WHERE id = 's'",
        ]
        for damage in damages {
            try await fixture.withDatabase { database in
                let store = try await MailStore.open(database, masterKey: try .example)
                try await store.addAccount("a")
                try await store.submissions.insert(.sample("s"), content: Self.content(2 * Limits.contentChunk + 9))
                try await store.submissions.insert(.sample("other"), content: Self.content(5))
                try await database.execute(damage)
                do {
                    let found = try await Self.read("s", store)
                    Issue.record("opened \(found?.count ?? 0) octets after \(damage)")
                } catch let error as StoreError {
                    guard case .tampered = error else { throw error }
                }
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an account that is gone takes no submission and leaves no chunk`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            let error = await #expect(throws: DatabaseError.self) {
                try await store.submissions.insert(.sample("s", of: "gone"), content: [1])
            }
            guard case .constraint(.foreignKey, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `pages newest first, steadily while rows come and go`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            for id in ["a", "b", "c"] { try await store.addAccount(id) }
            for number in 0..<30 {
                // Three at a time share one moment.
                let submission = Submission.sample(
                    "s\(10 + number)", of: ["a", "b", "c"][number % 3], createdAt: Int64(number / 3))
                try await store.submissions.insert(submission, content: [])
            }
            let all: [Set<AccountID>?] = [
                nil, [Self.account], [Self.account, AccountID(rawValue: "c"), AccountID(rawValue: "none")], [],
            ]
            for accounts in all {
                let letters = accounts?.map(\.rawValue)
                let expected = (0..<30).reversed().filter { letters?.contains(["a", "b", "c"][$0 % 3]) ?? true }
                var seen: [String] = []
                var cursor: PageCursor?
                var pages = 0
                repeat {
                    let page = try await store.submissions.list(accounts: accounts, after: cursor, limit: 4)
                    seen += page.data.map(\.id.rawValue)
                    cursor = page.nextCursor.flatMap { PageCursor($0) }
                    pages += 1
                    // A newer one arrives between the pages and must not shift them.
                    try await store.submissions.insert(
                        .sample("n\(pages)\(accounts?.count ?? 9)", createdAt: 1000), content: [])
                } while cursor != nil
                // The newest ones of earlier rounds stand before these.
                #expect(seen.filter { $0.hasPrefix("s") } == expected.map { "s\(10 + $0)" }, "\(letters ?? ["all"])")
                #expect(Set(seen).count == seen.count)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `cancels what waits and not what is on its way`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await store.submissions.insert(.sample("s", sendAt: 9000), content: [1])
            try await store.submissions.insert(.sample("t"), content: [1])
            _ = try await store.submissions.claim(by: "n", limit: 5, until: .at(2000), now: .at(1000))
            let id = SubmissionID(rawValue: "s")
            #expect(try await store.submissions.cancel(id, of: AccountID(rawValue: "b")) == .notFound)
            #expect(try await store.submissions.cancel(id, of: Self.account) == .canceled)
            #expect(try await store.submissions.cancel(id, of: Self.account) == .tooLate)
            #expect(try await store.submissions.cancel(SubmissionID(rawValue: "t"), of: Self.account) == .tooLate)
            #expect(try await store.submissions.submission(id, of: Self.account)?.state == .canceled)
            let content = try await store.submissions.content(of: id)
            #expect(content == nil)
            #expect(try await store.submissions.nextDue() == nil)
        }
    }
}
