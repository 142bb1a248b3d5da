import Model
import Store

/// The steps of one submission, each in a turn of its own.
extension SubmissionRepository {
    /// Takes what is due to be delivered or copied.
    func claim(
        by owner: String, limit: Int, until: Timestamp, busy: Set<AccountID> = [], now: Timestamp = .now()
    ) async throws -> [ClaimedSubmission] {
        let tracks = [QueueTrack.delivery, .sentCopy]
        let keys = try await queueHeads().keys.filter { tracks.contains($0.track) && !busy.contains($0.account) }
        var turn = SubmissionTurn()
        turn.claims = keys.map { QueueClaim($0, limit: limit) }
        return try await take(turn, by: owner, until: until, now: now).claimed
    }

    func nextDue() async throws -> Timestamp? { try await queueHeads().values.min() }

    func markInDoubt(_ item: ClaimedSubmission) async throws {
        var turn = SubmissionTurn()
        turn.marks = [item]
        try await one(turn, item)
    }

    func finish(_ item: ClaimedSubmission, as state: SubmissionState, now: Timestamp = .now()) async throws {
        var item = item
        item.submission.state = state
        try await end(item, state == .unknown ? .undecided(at: nil) : .settled, now: now)
    }

    func reschedule(
        _ item: ClaimedSubmission, at time: Timestamp, isDeferred: Bool = true
    ) async throws { try await end(item, .queued(at: time, isDeferred: isDeferred)) }

    func release(_ item: ClaimedSubmission, at time: Timestamp? = nil, now: Timestamp) async throws {
        try await end(item, .released(at: time ?? now), now: now)
    }

    func finishSentCopy(_ item: ClaimedSubmission, sentMessageID: EmailID?) async throws {
        var item = item
        item.submission.sentMessageID = sentMessageID
        item.submission.sentCopy.state = .filed
        try await end(item, .closed)
    }

    func rescheduleSentCopy(_ item: ClaimedSubmission, at time: Timestamp) async throws {
        try await end(item, .copying(at: time))
    }

    func end(
        _ item: ClaimedSubmission, _ ending: SubmissionResult.Ending, now: Timestamp = .now()
    ) async throws {
        var turn = SubmissionTurn()
        turn.results = [SubmissionResult(item, ending)]
        try await one(turn, item, now: now)
    }

    private func one(_ turn: SubmissionTurn, _ item: ClaimedSubmission, now: Timestamp = .now()) async throws {
        let outcome = try await take(turn, by: item.lease.owner, until: .distantFuture, now: now)
        if !outcome.lost.isEmpty { throw StoreError.leaseLost(item.lease.id) }
    }
}
