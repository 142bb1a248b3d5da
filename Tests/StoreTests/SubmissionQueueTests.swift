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

    /// What stood before others in a connection's hands, and was not begun.
    @Test(arguments: DatabaseFixture.all, [false, true])
    func `what is given back is due again, and no attempt`(_ fixture: DatabaseFixture, isMarked: Bool) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            let claimed = try #require(try await Self.claim(queue).first)
            if isMarked { try await queue.markInDoubt(claimed) }
            try await queue.release(claimed, at: .at(1002), now: .at(1001))
            let stored = try #require(try await queue.submission(claimed.submission.id, of: Self.account))
            #expect(stored.state == .queued && stored.attempts == 0 && stored.nextAttemptAt == .at(1002))
            #expect(try await Self.claim(queue, now: 1001).isEmpty)
            #expect(try await Self.claim(queue, now: 1002).first?.submission.attempts == 1)
        }
    }

    /// Marks, results and claims of many rows are one transaction, in which a lost row harms no other.
    @Test(arguments: DatabaseFixture.all)
    func `one turn does many things, but nothing to a row that is lost`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, (0..<4).map { .sample("s\($0)", createdAt: Int64($0)) }) { queue in
            let claimed = try await Self.claim(queue, limit: 3, until: 1500)
            #expect(claimed.map(\.content) == Array(repeating: [1, 2, 3], count: 3))
            _ = try await queue.recover(expiredBy: .at(1500), now: .at(1500))
            let again = try await Self.claim(queue, limit: 2, until: 9000, now: 1500)
            // Of the three that are due at the same moment it may be any.
            let first = try #require(again.first?.submission.id.rawValue)
            #expect(["s0", "s1", "s2"].contains(first) && again.last?.submission.id.rawValue == "s3")
            var turn = SubmissionTurn()
            turn.marks = [claimed[1], again[1]]
            var done = again[0]
            done.submission.state = .failed
            turn.results = [SubmissionResult(done, .settled), SubmissionResult(claimed[2], .settled)]
            turn.claims = [QueueClaim(QueueKey(Self.account, .delivery), limit: 9)]
            let outcome = try await queue.take(turn, by: "n1", until: .at(9000), now: .at(1600))
            #expect(outcome.lost.map(\.rawValue).sorted() == ["s1", "s2"])
            #expect(outcome.claimed.map(\.submission.id.rawValue) == ["s0", "s1", "s2"].filter { $0 != first })
            #expect(try await Self.state(queue, first) == .failed)
            let recovered = try await queue.recover(expiredBy: .distantFuture, now: .at(9999))
            #expect(recovered.unknown.map(\.rawValue) == ["s3"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `tells when each account's steps are due`(_ fixture: DatabaseFixture) async throws {
        let waiting: [Submission] = [
            .sample("a1", createdAt: 5), .sample("a2", createdAt: 3), .sample("b1", of: "b", sendAt: 7000),
        ]
        try await Self.withQueue(fixture, waiting) { queue in
            let (a, b) = (Self.account, AccountID(rawValue: "b"))
            #expect(
                try await queue.queueHeads() == [QueueKey(a, .delivery): .at(3), QueueKey(b, .delivery): .at(7000)])
            let claimed = try await Self.claim(queue)
            try await queue.finish(claimed[0], as: .sent, now: .at(1100))
            try await queue.end(claimed[1], .undecided(at: .at(1200)), now: .at(1100))
            #expect(
                try await queue.queueHeads() == [
                    QueueKey(a, .sentCopy): .at(1100), QueueKey(a, .question): .at(1200),
                    QueueKey(b, .delivery): .at(7000),
                ])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `of two submissions of one source the second is refused`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("x")]) { queue in
            var first = Submission.sample("s")
            first.source = "draft:M1"
            try await queue.insert(first, content: [1])
            var second = Submission.sample("t")
            second.source = "draft:M1"
            await #expect(throws: DatabaseError.self) { try await queue.insert(second, content: [2]) }
            #expect(try await queue.submission(source: "draft:M1", of: Self.account)?.id == first.id)
            #expect(try await queue.submission(second.id, of: Self.account) == nil)
            #expect(try await queue.cancel(first.id, of: Self.account) == .canceled)
            try await queue.insert(second, content: [2])
            #expect(try await queue.submission(source: "draft:M1", of: Self.account)?.id == second.id)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a person's retry sends an unknown one again, and a waiting one now`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s"), .sample("w", sendAt: 90_000)]) { queue in
            let claimed = try #require(try await Self.claim(queue).first)
            #expect(try await queue.retry(claimed.submission.id, of: Self.account) == .tooLate)
            try await queue.markInDoubt(claimed)
            _ = try await queue.recover(expiredBy: .distantFuture, now: .at(2000))
            #expect(try await queue.retry(claimed.submission.id, of: Self.account, now: .at(3000)) == .due)
            let stored = try #require(try await queue.submission(claimed.submission.id, of: Self.account))
            #expect(stored.state == .queued && stored.error == nil && stored.unknownSince == nil)
            #expect(stored.recipients.allSatisfy { $0.state == .queued })
            #expect(try await queue.retry(SubmissionID(rawValue: "w"), of: Self.account, now: .at(3000)) == .due)
            #expect(try await Self.claim(queue, now: 3000).count == 2)
            #expect(try await queue.retry(SubmissionID(rawValue: "none"), of: Self.account) == .notFound)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `one that is given up as unknown stays so, without its content`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture, [.sample("s")]) { queue in
            let claimed = try #require(try await Self.claim(queue).first)
            try await queue.markInDoubt(claimed)
            _ = try await queue.recover(expiredBy: .distantFuture, now: .at(2000))
            #expect(try await queue.cancel(claimed.submission.id, of: Self.account) == .canceled)
            #expect(try await Self.state(queue, "s") == .unknown)
            #expect(try await !Self.hasContent(queue, "s"))
            #expect(try await queue.nextDue() == nil)
            #expect(try await queue.retry(claimed.submission.id, of: Self.account) == .tooLate)
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

            let untried = try #require(try await Self.claim(queue, now: 1100).first)
            try await queue.release(untried, now: .at(1100))
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
            let sleeper = try #require(try await Self.claim(queue, until: 3000).first)
            #expect(try await queue.recover(expiredBy: .at(2999), now: .at(2999)) == RecoveredSubmissions())
            _ = try await queue.recover(expiredBy: .at(3000), now: .at(3000))
            // The same owner again: the epoch alone tells the two leases apart.
            let next = try #require(try await Self.claim(queue, until: 9000, now: 3000).first)
            let lost = StoreError.leaseLost(sleeper.submission.id)
            await #expect(throws: lost) { try await queue.markInDoubt(sleeper) }
            await #expect(throws: lost) { try await queue.reschedule(sleeper, at: .at(1)) }
            await #expect(throws: lost) { try await queue.finish(sleeper, as: .failed) }
            await #expect(throws: lost) { try await queue.finishSentCopy(sleeper, sentMessageID: nil) }
            await #expect(throws: lost) { try await queue.rescheduleSentCopy(sleeper, at: .at(1)) }
            await #expect(throws: lost) { try await queue.release(sleeper, now: .at(1)) }
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
