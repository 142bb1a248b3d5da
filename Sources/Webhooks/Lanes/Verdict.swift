import HTTP
package import Model
package import Store

/// What an attempt means: a pure function, so that every case is a line in a test.
package struct Verdict: Sendable, Equatable {
    /// What it says about the endpoint.
    package enum Lesson: Sendable, Equatable {
        case healthy
        case failing
        /// Failing, and asking for less.
        case overloaded(until: Timestamp?)
        /// 410: nothing is to be sent there any more.
        case gone
        /// Nothing.
        case none
    }

    package var outcome: WebhookSettlement.Outcome
    package var lesson: Lesson

    package init(
        of attempt: AttemptOutcome, attempts: Int, createdAt: Timestamp, now: Timestamp, random: Double,
        schedule: RetrySchedule = RetrySchedule()
    ) {
        switch attempt {
        case .interrupted:
            outcome = .released(at: now)
            lesson = .none
        case .postponed:
            outcome = .released(at: now.advanced(by: Limits.postponement))
            lesson = .none
        case .eventGone:
            let fault = WebhookFault(code: "event-expired", text: "the event is not kept any more")
            outcome = .failed(status: nil, fault: fault)
            lesson = .none
        case .unanswered(let fault):
            let next = schedule.next(
                afterAttempts: attempts + 1, createdAt: createdAt, now: now, random: random)
            outcome = next.map { .retry(at: $0, status: nil, fault: fault) } ?? .failed(status: nil, fault: fault)
            lesson = .failing
        case .answered(let status, _) where (200..<300).contains(status):
            outcome = .delivered(status: status)
            lesson = .healthy
        case .answered(410, _):
            outcome = .failed(status: 410, fault: Self.fault(410))
            lesson = .gone
        case .answered(let status, let retryAfter):
            let fault = Self.fault(status)
            var next = schedule.next(
                afterAttempts: attempts + 1, createdAt: createdAt, now: now, random: random)
            let asked = retryAfter.flatMap { Self.wait($0, now: now) }
            if let asked, let planned = next {
                next = max(planned, now.advanced(by: min(asked, Limits.longestRetryAfter)))
            }
            outcome = next.map { .retry(at: $0, status: status, fault: fault) } ?? .failed(status: status, fault: fault)
            // 429, 502 and 504: Standard Webhooks asks to slow down; 503 with a time says the same.
            let isOverloaded = [429, 502, 504].contains(status) || (status == 503 && asked != nil)
            lesson =
                isOverloaded
                ? .overloaded(until: asked.map { now.advanced(by: min($0, Limits.longestLanePause)) }) : .failing
        }
    }

    private static func fault(_ status: Int) -> WebhookFault {
        let isRedirect = (300..<400).contains(status)
        return WebhookFault(
            code: isRedirect ? "redirect" : "status",
            text: "the endpoint answered \(HTTPStatus(status))" + (isRedirect ? "; redirects are not followed" : ""))
    }

    /// `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3).
    private static func wait(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Int(text), text.utf8.count <= 9 { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let date = HTTPDate.parse(text) else { return nil }
        return .seconds(max(0, date - Int(now.milliseconds / 1000)))
    }
}
