import MailClient
import Model
import Outbox
import SMTP
import Testing

@Suite struct DeliveryPlanTests {
    /// Without chance.
    private static let plan: DeliveryPlan = {
        var plan = DeliveryPlan()
        plan.schedule.spread = 0
        return plan
    }()
    private let now = Timestamp(milliseconds: 1_000_000)
    private let ok = SMTPReply(code: 250, lines: ["queued"])
    private let later = SMTPReply(code: 451, lines: ["later"])
    private let never = SMTPReply(code: 550, lines: ["no such user"])

    private func submission(_ addresses: [String], attempts: Int = 1) -> Submission {
        Submission(
            id: SubmissionID(rawValue: "sub_1"), accountID: AccountID(rawValue: "a"), state: .sending,
            messageID: "m@x", createdAt: now, attempts: attempts, nextAttemptAt: nil, mailFrom: "a@x",
            recipients: addresses.map { SubmissionRecipient(email: $0) }, saveToSent: true)
    }

    private func outcome(
        _ shares: [(String, SubmissionOutcome.Disposition, SMTPReply?)],
        acceptance: SubmissionOutcome.Acceptance = .accepted
    ) throws -> SubmissionOutcome {
        SubmissionOutcome(
            phase: .acceptance, acceptance: acceptance,
            reason: acceptance == .ambiguous ? .interrupted(.connectionLost) : .replies,
            recipients: try shares.map { .init(path: try SMTPPath($0.0), disposition: $0.1, reply: $0.2) })
    }

    @Test func `all accepted is sent`() throws {
        let result = Self.plan.applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .delivered, ok)]), to: submission(["b@x", "c@x"]), now: now)
        #expect(result.state == .sent)
        #expect(result.error == nil)
        #expect(result.nextAttemptAt == nil)
        #expect(result.recipients.allSatisfy { $0.state == .accepted && $0.code == 250 })
    }

    @Test func `accepted and refused is partially sent, with the server's words`() throws {
        let result = Self.plan.applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .permanent, never)]), to: submission(["b@x", "c@x"]),
            now: now)
        #expect(result.state == .partiallySent)
        #expect(result.recipients[1].state == .refused)
        #expect(result.recipients[1].code == 550)
        #expect(result.recipients[1].text == "no such user")
    }

    @Test func `all refused is failed`() throws {
        let result = Self.plan.applying(
            try outcome([("b@x", .permanent, never)], acceptance: .refused), to: submission(["b@x"]), now: now)
        #expect(result.state == .failed)
        #expect(result.error?.code == "refused")
    }

    @Test func `a temporary refusal is queued again, for that recipient alone`() throws {
        let first = Self.plan.applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .retryLater, later)]), to: submission(["b@x", "c@x"]),
            now: now)
        #expect(first.state == .queued)
        #expect(first.nextAttemptAt == now.advanced(by: .seconds(60)))
        #expect(first.recipients[1].deferrals == 1)
        #expect(first.recipients.filter(\.isOpen).map(\.email) == ["c@x"])
        let second = Self.plan.applying(try outcome([("c@x", .delivered, ok)]), to: first, now: now)
        #expect(second.state == .sent)
    }

    @Test func `no reply to the final dot is unknown and never tried again`() throws {
        let result = Self.plan.applying(
            try outcome([("b@x", .unknown, nil)], acceptance: .ambiguous), to: submission(["b@x"]), now: now)
        #expect(result.state == .unknown)
        #expect(result.nextAttemptAt == nil)
        #expect(result.error?.code == "outcome-unknown")
    }

    @Test func `what is still deferred when the time is over has failed`() throws {
        let late = now.advanced(by: .seconds(3 * 86_400))
        let result = Self.plan.applying(
            try outcome([("b@x", .retryLater, later)], acceptance: .refused), to: submission(["b@x"], attempts: 20),
            now: late)
        #expect(result.state == .failed)
        #expect(result.recipients[0].state == .refused)
    }

    @Test func `no connection is a temporary refusal of everybody, with the reason`() {
        let error = MailClientError.authenticationFailed(.smtp, text: "535 no")
        let result = Self.plan.applying(error, to: submission(["b@x"]), now: now)
        #expect(result.state == .queued)
        #expect(result.error?.code == "authentication-failed")
        #expect(result.recipients[0].state == .deferred)
    }

    /// One is put off for the third time, the other for the first: each has waits of its own.
    @Test func `each recipient has its own schedule`() throws {
        var waiting = submission(["b@x", "c@x"], attempts: 4)
        waiting.recipients[0].deferrals = 2
        let result = Self.plan.applying(
            try outcome([("b@x", .retryLater, later), ("c@x", .retryLater, later)], acceptance: .refused),
            to: Self.plan.beginning(waiting, now: now), now: now)
        #expect(result.recipients.map(\.nextAttemptAt) == [900, 60].map { now.advanced(by: .seconds($0)) })
        #expect(result.nextAttemptAt == now.advanced(by: .seconds(60)))
        let soon = now.advanced(by: .seconds(60))
        let next = Self.plan.beginning(result, now: soon)
        #expect(next.recipients.map(\.state) == [.deferred, .queued])
        let done = Self.plan.applying(try outcome([("c@x", .delivered, ok)]), to: next, now: soon)
        #expect(done.state == .queued && done.nextAttemptAt == now.advanced(by: .seconds(900)))
        #expect(done.recipients.map(\.state) == [.deferred, .accepted])
    }

    @Test func `recipients that are too many for one transaction come next, at once`() throws {
        let full = SMTPReply(code: 452, enhancedCode: EnhancedStatusCode(4, 5, 3), lines: ["too many recipients"])
        let result = Self.plan.applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .retryLater, full)]).leaving([try SMTPPath("d@x")]),
            to: submission(["b@x", "c@x", "d@x"]), now: now)
        #expect(result.state == .queued && result.nextAttemptAt == now)
        #expect(result.recipients.map(\.state) == [.accepted, .queued, .queued])
        #expect(result.recipients.map(\.deferrals) == [0, 0, 0])
    }

    /// Where nobody of the first transaction got it, another one at once would go round in circles.
    @Test func `no progress is no reason to hurry`() throws {
        let result = Self.plan.applying(
            try outcome([("b@x", .retryLater, later)], acceptance: .refused).leaving([try SMTPPath("d@x")]),
            to: submission(["b@x", "d@x"]), now: now)
        #expect(result.nextAttemptAt == now.advanced(by: .seconds(60)))
    }

    @Test func `time runs from when it was to be sent`() throws {
        var waiting = submission(["b@x"])
        waiting.sendAt = now.advanced(by: .seconds(30 * 86_400))
        let then = now.advanced(by: .seconds(31 * 86_400))
        let result = Self.plan.applying(
            try outcome([("b@x", .retryLater, later)], acceptance: .refused), to: waiting, now: then)
        #expect(result.state == .queued)
    }

    @Test func `evidence settles those in question, and only them`() {
        var unknown = submission(["b@x", "c@x", "d@x"])
        unknown.recipients[0].state = .unknown
        unknown.recipients[1].state = .refused
        unknown.recipients[2].state = .deferred
        unknown.recipients[2].nextAttemptAt = now.advanced(by: .seconds(5))
        let result = Self.plan.applyingEvidence(to: unknown, now: now)
        #expect(result.recipients.map(\.state) == [.accepted, .refused, .deferred])
        #expect(result.state == .queued && result.nextAttemptAt == now.advanced(by: .seconds(5)))
    }

    @Test func `waits differ by chance, a little`() {
        let waits = (0..<200).compactMap { _ in
            RetrySchedule().next(afterAttempt: 2, createdAt: now, now: now)?.milliseconds
        }.map { $0 - now.milliseconds }
        #expect(waits.allSatisfy { (270_000...330_000).contains($0) })
        #expect(Set(waits).count > 20)
    }

    @Test(arguments: [(1, 60), (2, 300), (7, 14_400), (50, 14_400)])
    func `waits grow and stay`(attempt: Int, seconds: Int) {
        let next = Self.plan.schedule.next(afterAttempt: attempt, createdAt: now, now: now)
        #expect(next == now.advanced(by: .seconds(seconds)))
    }
}
