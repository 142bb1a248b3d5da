import Database
import Model
import Store
import TestDatabases
import Testing

/// The queue as a delivery worker sees it, with crashes at each step.
@Suite struct SubmissionQueueTests {
    private static let account = AccountID(rawValue: "a")

    private static func withQueue(
        _ fixture: DatabaseFixture, _ submissions: [Submission], _ body: (SubmissionRepository) async throws -> Void
    ) async throws {
        try await fixture.withStore { store in
            for account in Set(submissions.map(\.accountID.rawValue)) { try await store.addAccount(account) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for submission in submissions {
                    group.addTask { try await store.submissions.insert(submission, content: [1, 2, 3]) }
                }
                try await group.waitForAll()
            }
            try await body(store.submissions)
        }
    }

    private static func claim(
        _ queue: SubmissionRepository, by owner: String = "n1", limit: Int = 10, until: Int64 = 2000, now: Int64 = 1000
    ) async throws -> [ClaimedSubmission] {
        try await queue.claim(by: owner, limit: limit, until: .at(until), now: .at(now))
    }

    private static func state(_ queue: SubmissionRepository, _ id: String) async throws -> SubmissionState? {
        try await queue.submission(SubmissionID(rawValue: id), of: account)?.state
    }

    private static func hasContent(_ queue: SubmissionRepository, _ id: String) async throws -> Bool {
        try await queue.content(of: SubmissionID(rawValue: id)) != nil
    }

    @Test(arguments: DatabaseFixture.all)
    func `gives each row that is due to one worker`(_ fixture: DatabaseFixture) async throws {
        let waiting = (0..<40).map { Submission.sample("s\(10 + $0)", createdAt: Int64($0)) }
        try await Self.withQueue(fixture, waiting + [.sample("later", sendAt: 1001)]) { queue in
            #expect(try await queue.nextDue() == .at(0))
            let claimed = try await withThrowingTaskGroup(of: [ClaimedSubmission].self) { group in
                for worker in 0..<8 {
                    group.addTask { try await Self.claim(queue, by: "w\(worker)", limit: 7) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 40)
            #expect(Set(claimed.map(\.submission.id)).count == 40)
            #expect(claimed.allSatisfy { $0.submission.state == .sending && $0.submission.attempts == 1 })
            #expect(claimed.allSatisfy { $0.phase == .delivery && $0.size == 3 })
            #expect(try await Self.claim(queue).isEmpty)
            #expect(try await queue.nextDue() == .at(1001))
            #expect(try await Self.claim(queue, now: 1001).map(\.submission.id.rawValue) == ["later"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `leaves busy accounts to later`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s", of: "a"), .sample("t", of: "b")]) { queue in
            let claimed = try await queue.claim(
                by: "n", limit: 10, until: .at(2000), busy: [Self.account], now: .at(1000))
            #expect(claimed.map(\.submission.id.rawValue) == ["t"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `sends, then makes the copy, then drops the content`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            var claimed = try #require(try await Self.claim(queue).first)
            try await queue.markInDoubt(claimed)
            claimed.submission.recipients[0].state = .accepted
            claimed.submission.recipients[1].state = .refused
            claimed.submission.recipients[1].code = 550
            try await queue.finish(claimed, as: .partiallySent, now: .at(1100))
            #expect(try await Self.state(queue, "s") == .partiallySent)
            #expect(try await Self.hasContent(queue, "s"))

            let copy = try #require(try await Self.claim(queue, now: 1100).first)
            #expect(copy.phase == .sentCopy && copy.copyAttempts == 1)
            #expect(copy.submission.state == .partiallySent && copy.submission.attempts == 1)
            try await queue.rescheduleSentCopy(copy, at: .at(1500))
            #expect(try await Self.claim(queue, now: 1499).isEmpty)
            let again = try #require(try await Self.claim(queue, now: 1500).first)
            #expect(again.copyAttempts == 2)
            try await queue.finishSentCopy(again, sentMessageID: EmailID(rawValue: "M1"))

            let final = try #require(try await queue.submission(claimed.submission.id, of: Self.account))
            #expect(final.state == .partiallySent && final.sentMessageID == EmailID(rawValue: "M1"))
            #expect(final.recipients == claimed.submission.recipients)
            #expect(try await !Self.hasContent(queue, "s"))
            #expect(try await Self.claim(queue, now: 9999).isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all, [SubmissionState.sent, .failed, .canceled, .unknown])
    func `keeps content only of what is not decided`(_ fixture: DatabaseFixture, state: SubmissionState) async throws {
        try await Self.withQueue(fixture, [.sample("s", saveToSent: false)]) { queue in
            let claimed = try #require(try await Self.claim(queue).first)
            try await queue.finish(claimed, as: state, now: .at(1))
            #expect(try await Self.state(queue, "s") == state)
            #expect(try await Self.hasContent(queue, "s") == (state == .unknown))
            #expect(try await queue.nextDue() == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `waits with what was refused for now`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            var claimed = try #require(try await Self.claim(queue).first)
            try await queue.markInDoubt(claimed)
            claimed.submission.recipients[0].state = .deferred
            claimed.submission.error = SubmissionFault(code: "rejected", text: "451 later")
            try await queue.saveProgress(claimed)
            try await queue.reschedule(claimed, at: .at(60_000))
            let stored = try #require(try await queue.submission(claimed.submission.id, of: Self.account))
            #expect(stored.state == .queued && stored.nextAttemptAt == .at(60_000) && stored.attempts == 1)
            #expect(stored.recipients[0].state == .deferred && stored.error?.code == "rejected")
            #expect(try await Self.claim(queue, now: 60_000).first?.submission.attempts == 2)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a crash before the final dot puts it back`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            _ = try await Self.claim(queue, until: 2000)
            #expect(try await queue.recover(expiredBy: .at(1999), now: .at(1999)) == RecoveredSubmissions())
            let recovered = try await queue.recover(expiredBy: .at(2000), now: .at(2000))
            #expect(recovered.requeued.map(\.rawValue) == ["s"] && recovered.unknown.isEmpty)
            #expect(try await Self.state(queue, "s") == .queued)
            #expect(try await Self.claim(queue, now: 2000).count == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a crash after the final dot makes it unknown, and nobody repeats it`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            var claimed = try #require(try await Self.claim(queue).first)
            claimed.submission.recipients[0].state = .refused
            try await queue.markInDoubt(claimed)
            let recovered = try await queue.recover(expiredBy: .distantFuture, now: .at(2000))
            #expect(recovered.unknown.map(\.rawValue) == ["s"] && recovered.requeued.isEmpty)
            let stored = try #require(try await queue.submission(claimed.submission.id, of: Self.account))
            #expect(stored.state == .unknown && stored.error?.code == "outcome-unknown")
            #expect(stored.recipients.map(\.state) == [.refused, .unknown])
            #expect(try await Self.hasContent(queue, "s"))
            #expect(try await Self.claim(queue, now: .max).isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a crash while the copy is made sends nothing again`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            let claimed = try #require(try await Self.claim(queue).first)
            try await queue.finish(claimed, as: .sent, now: .at(1000))
            _ = try await Self.claim(queue)
            let recovered = try await queue.recover(expiredBy: .distantFuture, now: .at(2000))
            #expect(recovered.requeued.count == 1)
            #expect(try await Self.state(queue, "s") == .sent)
            #expect(try await Self.claim(queue, now: 2000).first?.phase == .sentCopy)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an owner who slept through its lease writes nothing`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            let sleeper = try #require(try await Self.claim(queue).first)
            try await queue.renew(sleeper.lease, until: .at(3000))
            #expect(try await queue.recover(expiredBy: .at(2999), now: .at(2999)) == RecoveredSubmissions())
            _ = try await queue.recover(expiredBy: .at(3000), now: .at(3000))
            // The same owner again: the epoch alone tells the two leases apart.
            let next = try #require(try await Self.claim(queue, until: 9000, now: 3000).first)
            let lost = StoreError.leaseLost(sleeper.submission.id)
            await #expect(throws: lost) { try await queue.markInDoubt(sleeper) }
            await #expect(throws: lost) { try await queue.saveProgress(sleeper) }
            await #expect(throws: lost) { try await queue.reschedule(sleeper, at: .at(1)) }
            await #expect(throws: lost) { try await queue.finish(sleeper, as: .failed) }
            await #expect(throws: lost) { try await queue.finishSentCopy(sleeper, sentMessageID: nil) }
            await #expect(throws: lost) { try await queue.rescheduleSentCopy(sleeper, at: .at(1)) }
            await #expect(throws: lost) { try await queue.abandonSentCopy(sleeper) }
            await #expect(throws: lost) { try await queue.renew(sleeper.lease, until: .at(1)) }
            #expect(try await Self.state(queue, "s") == .sending)
            #expect(try await Self.hasContent(queue, "s"))
            try await queue.finish(next, as: .sent, now: .at(3000))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a recovery takes more rows than one batch holds`(_ fixture: DatabaseFixture) async throws {
        let count = 2 * Limits.rowsPerClaim + 1
        let waiting = (0..<count).map { Submission.sample("s\($0)") }
        try await Self.withQueue(fixture, waiting) { queue in
            while try await !Self.claim(queue, limit: .max).isEmpty {}
            let recovered = try await queue.recover(expiredBy: .distantFuture, now: .at(1))
            #expect(Set(recovered.requeued).count == count)
        }
    }
}
