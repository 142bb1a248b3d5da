import Database
import Model
import Store
import TestDatabases
import Testing

/// What is kept of mail that was sent until its fate is known, with crashes in between.
@Suite struct OutcomeRepositoryTests {
    private static let account = AccountID(rawValue: "a")
    private static let bounce = EmailID(rawValue: "B")

    private static func turn(_ candidates: [ReportCandidate], after: Int64 = 0, to position: Int64 = 1) -> OutcomeTurn {
        var turn = OutcomeTurn(after: after, position: position)
        turn.candidates = candidates
        return turn
    }

    private static func claim(_ store: MailStore, now: Int64 = 1000) async throws -> [OutcomeTask] {
        try await store.outcome.claim(limit: 10, until: .at(now + 500), now: .at(now))
    }

    private static func report(_ action: DeliveryNotice.Action, _ email: String? = "b@x.test") -> DeliveryReport {
        DeliveryReport(
            accountID: account, messageID: bounce, arrivedAt: .at(1000), originalMessageID: "m@x",
            reporter: "mx.x.test",
            notices: [DeliveryNotice(email: email, action: action, enhancedCode: "5.1.1", text: "no")])
    }

    @Test(arguments: DatabaseFixture.all)
    func `a stretch of the log is looked at once, and its tasks are there with it`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let candidate = ReportCandidate(account: Self.account, message: Self.bounce)
            let gone = ReportCandidate(account: AccountID(rawValue: "gone"), message: Self.bounce)
            let start = try await store.outcome.position()
            let turn = Self.turn([candidate, candidate, gone], after: start, to: start + 5)
            #expect(try await store.outcome.advance(turn, now: .at(900)))
            #expect(try await store.outcome.position() == start + 5)
            // Another node with the same stretch, or we ourselves after a crash.
            #expect(try await !store.outcome.advance(turn, now: .at(950)))
            #expect(try await store.outcome.nextDue() == .at(900))
            let tasks = try await Self.claim(store)
            #expect(tasks.map(\.message) == [Self.bounce] && tasks.map(\.kind) == [.report])
            #expect(tasks.map(\.attempts) == [1])
            #expect(try await Self.claim(store).isEmpty)
            // Whoever took it is gone: somebody else does it, and the first one has no say any more.
            let again = try await Self.claim(store, now: 1500)
            #expect(again.map(\.attempts) == [2])
            try await store.outcome.remove(tasks[0])
            #expect(try await store.outcome.nextDue() == .at(2000))
            try await store.outcome.remove(again[0])
            #expect(try await store.outcome.nextDue() == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an answer is looked at only where it answers one of ours`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            try await store.submissions.insert(.sample("s1", messageID: "mine@x"), content: [1])
            let start = try await store.outcome.position()
            let candidates = [
                ReportCandidate(account: Self.account, message: EmailID(rawValue: "1"), onlyIfOneOf: ["other@x"]),
                ReportCandidate(
                    account: Self.account, message: EmailID(rawValue: "2"), onlyIfOneOf: ["z@x", "mine@x"]),
                ReportCandidate(account: Self.account, message: EmailID(rawValue: "3"), onlyIfOneOf: []),
            ]
            _ = try await store.outcome.advance(Self.turn(candidates, after: start, to: start + 1), now: .at(1))
            #expect(try await Self.claim(store).map(\.message.rawValue) == ["2"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an original is marked once its answer is sent, and never if that fails`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let mark = OriginalMark(message: EmailID(rawValue: "M"), keyword: "$answered")
            for id in ["s1", "s2", "s3"] {
                let submission = Submission.sample(id)
                var upload = store.submissions.beginContent(for: Self.account, at: .at(1))
                try await upload.append([1])
                try await store.submissions.insert([NewSubmission(submission, content: upload, mark: mark)])
            }
            #expect(try await Self.claim(store).isEmpty)
            let start = try await store.outcome.position()
            var turn = OutcomeTurn(after: start, position: start + 1)
            turn.sent = [SubmissionID(rawValue: "s1")]
            turn.failed = [SubmissionID(rawValue: "s2")]
            _ = try await store.outcome.advance(turn, now: .at(900))
            let tasks = try await Self.claim(store)
            #expect(tasks.map(\.kind) == [.mark(keyword: "$answered")] && tasks.map(\.message.rawValue) == ["M"])
            // What is given up after some days is counted from here: the submission may have waited for its time.
            #expect(tasks.map(\.createdAt) == [.at(900)])
            try await store.outcome.postpone(tasks[0], to: .at(5000))
            #expect(try await store.outcome.nextDue() == .at(5000))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a bounce is told once, with the recipient it changes`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            var sample = Submission.sample("s1", messageID: "m@x")
            sample.recipients = [
                SubmissionRecipient(email: "b@x.test", state: .accepted),
                SubmissionRecipient(email: "c@x.test", state: .accepted),
            ]
            try await store.submissions.insert(sample, content: [1])
            let start = try await store.outcome.position()
            let candidate = ReportCandidate(account: Self.account, message: Self.bounce)
            _ = try await store.outcome.advance(Self.turn([candidate], after: start, to: start + 1), now: .at(1))
            let first = try await Self.claim(store)[0]
            let second = try await Self.claim(store, now: 1500)[0]
            let found = try await store.submissions.find(
                ReportedMessage(envelopeID: nil, messageIDs: ["other@x", "m@x"]), isMeant: { _ in true })
            let submission = try #require(found)
            let newest = try await store.events.ends().newest
            // The first one slept through its claim.
            let late = try await store.submissions.record(
                Self.report(.failed), of: submission, telling: [.messageBounced], ending: first)
            #expect(late == nil)
            let told = try await store.submissions.record(
                Self.report(.failed), of: submission, telling: [.messageBounced], ending: second)
            #expect(told?.map(\.type) == [.messageBounced])
            #expect(told?.first?.accountID == Self.account)
            let text = String(decoding: told?.first?.data ?? [], as: UTF8.self)
            #expect(text.contains("\"submissionId\":\"s1\"") && text.contains("\"email\":\"b@x.test\""))
            #expect(try await store.events.ends().newest == newest + 1)
            let shown = try #require(try await store.submissions.submission(submission.id, of: Self.account))
            #expect(shown.recipients.map(\.state) == [.bounced, .accepted])
            #expect(shown.recipients[0].reports.map(\.messageID) == [Self.bounce])
            #expect(shown.recipients[0].reports.map(\.notice.enhancedCode) == ["5.1.1"])
            let listed = try await store.submissions.list(accounts: nil, after: nil, limit: 5)
            #expect(listed.data == [shown])
        }
    }

    @Test func `where the event cannot be written, nothing is, and the task stays`() async throws {
        try await withFolder { folder in
            let database = MeddlingDatabase(try SQLiteDatabase(path: folder + "/store.db"))
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.addAccount("a")
            try await store.submissions.insert(.sample("s1", messageID: "m@x"), content: [1])
            let start = try await store.outcome.position()
            let candidate = ReportCandidate(account: Self.account, message: Self.bounce)
            _ = try await store.outcome.advance(Self.turn([candidate], after: start, to: start + 1), now: .at(1))
            let task = try await Self.claim(store)[0]
            let submission = try await store.submissions.find(
                ReportedMessage(envelopeID: "s1", messageIDs: []), isMeant: { _ in true })
            database.refuse("INSERT INTO events")
            await #expect(throws: DatabaseError.full) {
                try await store.submissions.record(
                    Self.report(.failed), of: submission, telling: [.messageBounced], ending: task)
            }
            database.refuse(nil)
            let id = SubmissionID(rawValue: "s1")
            #expect(try await store.submissions.submission(id, of: Self.account)?.recipients[0].reports == [])
            let told = try await store.submissions.record(
                Self.report(.failed), of: submission, telling: [.messageBounced], ending: task)
            #expect(told?.count == 1)
            await store.close()
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `of several with one Message-ID the one whose recipient is meant is found`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            for (index, email) in ["b@x.test", "c@x.test", "d@x.test"].enumerated() {
                var sample = Submission.sample("s\(index)", messageID: "m@x", createdAt: Int64(index))
                sample.recipients = [SubmissionRecipient(email: email)]
                try await store.submissions.insert(sample, content: [1])
            }
            let reported = ReportedMessage(envelopeID: nil, messageIDs: ["m@x"])
            let meant = try await store.submissions.find(
                reported, isMeant: { $0.recipients[0].email == "c@x.test" })
            #expect(meant?.id.rawValue == "s1")
            #expect(try await store.submissions.find(reported, isMeant: { _ in false })?.id.rawValue == "s2")
            let byEnvelope = ReportedMessage(envelopeID: "s0", messageIDs: ["m@x"])
            #expect(try await store.submissions.find(byEnvelope, isMeant: { _ in false })?.id.rawValue == "s0")
        }
    }
}
