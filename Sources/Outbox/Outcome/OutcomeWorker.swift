package import Logging
import MIME
package import Model
package import Store

/// Learns what became of mail after a server took it: bounces, complaints, receipts and answers that arrive by mail; and marks the
/// originals of what was answered or passed on.
///
/// It follows the event log. What has to be done is written down with the place in the log that it came from, so a crash loses
/// nothing; what was learned is written with the removal of the task, so that it is told under one event id.
package struct OutcomeWorker: Sendable {
    /// The beginning of a message, at most so many octets; nil where it is gone.
    package typealias MessageSource =
        @Sendable (EmailID, AccountID, _ octets: Int, _ deadline: ContinuousClock.Instant) async throws -> [UInt8]?
    /// Sets a keyword on a message; one that is gone is no error.
    package typealias Marker =
        @Sendable (_ keyword: String, EmailID, AccountID, _ deadline: ContinuousClock.Instant) async throws -> Void

    private let store: MailStore
    private let read: MessageSource
    private let mark: Marker
    private let logger: Logger

    package init(
        store: MailStore, read: @escaping MessageSource, mark: @escaping Marker, logger: Logger
    ) {
        self.store = store
        self.read = read
        self.mark = mark
        self.logger = logger
    }

    /// Works until cancelled; what is under way then is done again at the next start.
    package func run() async {
        // Where others may be at work, what died with a process comes back when its time is over.
        if !store.nodes.areMany {
            try? await store.outcome.releaseClaims(until: Timestamp.now().advanced(by: Limits.outcomeLease))
        }
        while !Task.isCancelled {
            let rings = store.events.signal.rings
            var isBusy = false
            do {
                isBusy = try await step()
            } catch {
                if Task.isCancelled { return }
                logger.warning("outcomes are not looked at", metadata: ["error": "\(error)"])
            }
            if !isBusy { await store.events.signal.wait(after: rings, until: await nextLook()) }
        }
    }

    /// One look at the log and at what is due; true where there may be more.
    package func step() async throws -> Bool {
        let hasMore = try await lookAtLog()
        let tasks = try await store.outcome.claim(
            limit: Limits.concurrentOutcomes, until: Timestamp.now().advanced(by: Limits.outcomeLease))
        await withTaskGroup(of: Void.self) { group in
            for task in tasks { group.addTask { await work(on: task) } }
        }
        return hasMore || !tasks.isEmpty
    }

    private func lookAtLog() async throws -> Bool {
        let after = try await store.outcome.position()
        let page: EventPage
        do {
            page = try await store.events.page(
                after: after, filter: EventFilter(types: OutcomePlan.types), limit: Limits.outcomePage)
        } catch EventLogError.expired(let oldest) {
            logger.warning("events were removed before they were looked at for reports")
            try await store.outcome.jump(to: oldest - 1, from: after)
            return true
        } catch EventLogError.ahead(let newest) {
            try await store.outcome.jump(to: newest, from: after)
            return true
        }
        guard page.next > after else { return false }
        let turn = OutcomePlan.turn(page.events, after: after, next: page.next)
        _ = try await store.outcome.advance(turn)
        return !page.isLast
    }

    private func nextLook() async -> ContinuousClock.Instant {
        let due = try? await store.outcome.nextDue()
        let wait = due.map { max($0.milliseconds - Timestamp.now().milliseconds, 0) } ?? .max
        return .now + min(.milliseconds(min(wait, 3_600_000)), Limits.pollInterval)
    }

    private func work(on task: OutcomeTask) async {
        do {
            let deadline = ContinuousClock.now + Limits.outcomeTime
            switch task.kind {
            case .report: try await readReport(task, deadline: deadline)
            case .mark(let keyword):
                try await mark(keyword, task.message, task.account, deadline)
                try await store.outcome.remove(task)
            }
        } catch {
            await giveBack(task, error)
        }
    }

    private func giveBack(_ task: OutcomeTask, _ error: any Error) async {
        guard !Task.isCancelled else { return }
        // What this node lacks the key for others can read; it is never the message's fault.
        let lacksKey = (error as? StoreError)?.isLackOfKey == true
        let next =
            lacksKey
            ? Timestamp.now().advanced(by: Limits.storePause)
            : RetrySchedule().next(afterAttempt: task.attempts, createdAt: task.createdAt, now: .now())
        logger.info(
            "a message could not be looked at for what it reports",
            metadata: [
                "account": "\(task.account)", "message": "\(task.message)", "attempt": "\(task.attempts)",
                "error": "\(error)", "isLast": "\(next == nil)",
            ])
        do {
            if let next {
                try await store.outcome.postpone(task, to: next)
            } else {
                try await store.outcome.remove(task)
            }
        } catch {
            // It is due again when the claim ends.
            logger.warning("an outcome is not written down", metadata: ["error": "\(error)"])
        }
    }

    private func readReport(_ task: OutcomeTask, deadline: ContinuousClock.Instant) async throws {
        let octets = try await read(task.message, task.account, Limits.reportOctets, deadline)
        guard let octets, let found = MailReport(parsing: octets) else { return try await store.outcome.remove(task) }
        let submission = try await store.submissions.find(
            ReportedMessage(envelopeID: found.envelopeID, messageIDs: found.messageIDs),
            isMeant: { OutcomePlan.isMeant($0, by: found) })
        let types = OutcomePlan.eventTypes(found, of: submission)
        // Answers and receipts of other programs' mail are nothing to us.
        guard submission != nil || !types.isEmpty else { return try await store.outcome.remove(task) }
        var report = DeliveryReport(
            accountID: task.account, messageID: task.message, arrivedAt: task.createdAt,
            originalMessageID: submission?.messageID ?? found.messageIDs.first, reporter: found.reporter,
            notices: OutcomePlan.notices(found, of: submission))
        if case .complaint(let type) = found.kind { report.feedbackType = type }
        let told = try await store.submissions.record(report, of: submission, telling: types, ending: task)
        guard told != nil else { return }
        logger.info(
            "a report was read",
            metadata: [
                "account": "\(task.account)", "message": "\(task.message)",
                "submission": "\(submission?.id.rawValue ?? "none")",
                "actions": "\(Set(found.recipients.map(\.action.rawValue)).sorted().joined(separator: ","))",
            ])
    }
}
