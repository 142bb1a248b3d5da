import MailClient
import Model
import Outbox
import SMTP
import Testing

@Suite struct DeliveryPlanTests {
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
        let result = DeliveryPlan().applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .delivered, ok)]), to: submission(["b@x", "c@x"]), now: now)
        #expect(result.state == .sent)
        #expect(result.error == nil)
        #expect(result.nextAttemptAt == nil)
        #expect(result.recipients.allSatisfy { $0.state == .accepted && $0.code == 250 })
    }

    @Test func `accepted and refused is partially sent, with the server's words`() throws {
        let result = DeliveryPlan().applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .permanent, never)]), to: submission(["b@x", "c@x"]),
            now: now)
        #expect(result.state == .partiallySent)
        #expect(result.recipients[1].state == .refused)
        #expect(result.recipients[1].code == 550)
        #expect(result.recipients[1].text == "no such user")
    }

    @Test func `all refused is failed`() throws {
        let result = DeliveryPlan().applying(
            try outcome([("b@x", .permanent, never)], acceptance: .refused), to: submission(["b@x"]), now: now)
        #expect(result.state == .failed)
        #expect(result.error?.code == "refused")
    }

    @Test func `a temporary refusal is queued again, for that recipient alone`() throws {
        let first = DeliveryPlan().applying(
            try outcome([("b@x", .delivered, ok), ("c@x", .retryLater, later)]), to: submission(["b@x", "c@x"]),
            now: now)
        #expect(first.state == .queued)
        #expect(first.nextAttemptAt == now.advanced(by: .seconds(60)))
        #expect(first.recipients.filter(\.isOpen).map(\.email) == ["c@x"])
        let second = DeliveryPlan().applying(try outcome([("c@x", .delivered, ok)]), to: first, now: now)
        #expect(second.state == .sent)
    }

    @Test func `no reply to the final dot is unknown and never tried again`() throws {
        let result = DeliveryPlan().applying(
            try outcome([("b@x", .unknown, nil)], acceptance: .ambiguous), to: submission(["b@x"]), now: now)
        #expect(result.state == .unknown)
        #expect(result.nextAttemptAt == nil)
        #expect(result.error?.code == "outcome-unknown")
    }

    @Test func `what is still deferred when the time is over has failed`() throws {
        let late = now.advanced(by: .seconds(3 * 86_400))
        let result = DeliveryPlan().applying(
            try outcome([("b@x", .retryLater, later)], acceptance: .refused), to: submission(["b@x"], attempts: 20),
            now: late)
        #expect(result.state == .failed)
        #expect(result.recipients[0].state == .refused)
    }

    @Test func `no connection is a temporary refusal of everybody, with the reason`() {
        let error = MailClientError.authenticationFailed(.smtp, text: "535 no")
        let result = DeliveryPlan().applying(error, to: submission(["b@x"]), now: now)
        #expect(result.state == .queued)
        #expect(result.error?.code == "authentication-failed")
        #expect(result.recipients[0].state == .deferred)
    }

    @Test(arguments: [(1, 60), (2, 300), (7, 14_400), (50, 14_400)])
    func `waits grow and stay`(attempt: Int, seconds: Int) {
        let next = RetrySchedule().next(afterAttempt: attempt, createdAt: now, now: now)
        #expect(next == now.advanced(by: .seconds(seconds)))
    }
}
