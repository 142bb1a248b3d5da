import Model
import Store
import Testing
import Webhooks

@Suite struct `Verdict on an attempt` {
    private func verdict(
        _ outcome: AttemptOutcome, attempts: Int = 0, age: Double = 0, random: Double = 0.5
    ) -> Verdict {
        Verdict(of: outcome, attempts: attempts, createdAt: .at(0), now: .at(age), random: random)
    }

    @Test(arguments: [200, 201, 202, 204, 299])
    func `any 2xx is success`(status: Int) {
        let verdict = verdict(.answered(status: status, retryAfter: "7"))
        #expect(verdict.outcome == .delivered(status: status) && verdict.lesson == .healthy)
    }

    @Test(arguments: [
        (300, "redirect"), (301, "redirect"), (307, "redirect"), (304, "redirect"), (400, "status"), (404, "status"),
        (500, "status"), (503, "status"), (600, "status"),
    ])
    func `everything else is a failure to be repeated`(status: Int, code: String) {
        let verdict = verdict(.answered(status: status, retryAfter: nil))
        guard case .retry(let time, status, let fault) = verdict.outcome else {
            Issue.record("\(verdict)")
            return
        }
        #expect(time == .at(5) && fault.code == code && verdict.lesson == .failing)
    }

    @Test func `waits as Standard Webhooks says, give or take a tenth, and fails after the last`() {
        let waits: [Double] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
        for (attempts, wait) in waits.enumerated() {
            for (random, factor) in [(0.0, 0.9), (0.5, 1), (1, 1.1)] {
                let verdict = verdict(.unanswered(fault), attempts: attempts, age: 100, random: random)
                #expect(verdict.outcome == .retry(at: .at(100 + wait * factor), status: nil, fault: fault))
            }
        }
        #expect(verdict(.unanswered(fault), attempts: 9).outcome == .failed(status: nil, fault: fault))
    }

    @Test func `gives up what is older than all waits together, however few attempts it had`() {
        #expect(verdict(.unanswered(fault), attempts: 2, age: 4 * 86_400).outcome == .failed(status: nil, fault: fault))
    }

    @Test func `410 ends the delivery and the webhook`() {
        let verdict = verdict(.answered(status: 410, retryAfter: nil))
        guard case .failed(410, _) = verdict.outcome else {
            Issue.record("\(verdict)")
            return
        }
        #expect(verdict.lesson == .gone)
    }

    @Test(arguments: [429, 502, 504])
    func `asks for less where the endpoint is overloaded`(status: Int) {
        #expect(verdict(.answered(status: status, retryAfter: nil)).lesson == .overloaded(until: nil))
        let verdict = verdict(.answered(status: status, retryAfter: "120"))
        #expect(verdict.lesson == .overloaded(until: .at(120)))
        guard case .retry(.at(120), status, _) = verdict.outcome else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func `obeys Retry-After in both forms, never sooner than planned, and within bounds`() {
        func time(_ text: String) -> Timestamp? {
            let verdict = verdict(.answered(status: 503, retryAfter: text))
            guard case .retry(let time, _, _) = verdict.outcome else { return nil }
            return time
        }
        #expect(time("60") == .at(60))
        #expect(time("1") == .at(5))
        #expect(time("Fri, 15 Jan 2027 08:10:00 GMT") == .at(600))
        #expect(time("Fri, 01 Jan 2010 00:00:00 GMT") == .at(5))
        #expect(time("99999999") == .at(86_400))
        for nonsense in ["", "-5", "soon", "999999999999999999999"] { #expect(time(nonsense) == .at(5), "\(nonsense)") }
        #expect(
            verdict(.answered(status: 503, retryAfter: "99999")).lesson == .overloaded(until: .at(3600)))
    }

    @Test func `what is our own reason counts for nothing`() {
        let stopped = verdict(.interrupted, attempts: 3)
        #expect(stopped.outcome == .released(at: .at(0)) && stopped.lesson == .none)
        let postponed = verdict(.postponed, attempts: 3)
        #expect(postponed.outcome == .released(at: .at(2)) && postponed.lesson == .none)
        let gone = verdict(.eventGone)
        guard case .failed(nil, let fault) = gone.outcome else {
            Issue.record("\(gone)")
            return
        }
        #expect(fault.code == "event-expired" && gone.lesson == .none)
    }
}
