package import IMAP
import Model
package import Transport

extension IMAPConnection {
    /// What to do after a piece of news.
    package enum Idling: Sendable {
        case stay
        case leave
    }

    /// Hears what changes in the selected mailbox, until `consumer` leaves, the deadline comes or the task is cancelled.
    ///
    /// IDLE where the server has it, begun anew before 29 minutes are over (RFC 9051, 6.3.13), or as soon as `ServerHabits` says;
    /// NOOP now and then where it has not, or ends every IDLE at once, or what that server heeds instead. The connection can be
    /// used for other commands afterwards; one that is given meanwhile waits for the end. A server that does not end an IDLE within `patience` is dead. `consumer` runs on the connection's loop
    /// and must not block.
    package func idle(
        habits given: ServerHabits? = nil, renewal: Duration? = nil, polling: Duration? = nil,
        patience: Duration? = nil, deadline: Deadline,
        _ consumer: @escaping @Sendable (UntaggedResponse) -> Idling
    ) async throws(MailClientError) {
        let watch = NewsWatch(consumer)
        watch.isLeaving = leavesNextIdle
        leavesNextIdle = false
        newsWatch = watch
        defer { newsWatch = nil }
        let habits = given ?? habits
        var endedAtOnce = 0
        while !watch.isLeaving, !deadline.hasPassed {
            guard session.capabilities.contains(.idle), endedAtOnce < Limits.refusedIdles else {
                try await poll(habits.polling, watch, patience ?? Limits.readPatience)
                if watch.isLeaving { return }
                let interval = polling ?? habits.pollInterval ?? Limits.pollInterval
                try await pause(until: deadline.earlier(of: .after(interval)))
                continue
            }
            let renewalTime = deadline.earlier(of: .after(renewal ?? habits.idleRenewal ?? Limits.idleRenewal))
            let begun = Deadline.now
            let timer = eventLoop.schedule(at: renewalTime) { [weak self] in
                self?.assumeIsolated { $0.endIdle() }
            }
            do throws(MailClientError) {
                // A server that does not answer DONE is dead: then, and not before, the connection ends.
                try await execute(
                    IdleCommand(), deadline: renewalTime.advanced(by: patience ?? Limits.readPatience))
            } catch {
                timer.cancel()
                guard case .rejected = error else { throw error }
                endedAtOnce = Limits.refusedIdles
                continue
            }
            timer.cancel()
            let wasEndedByUs = watch.isLeaving || renewalTime.hasPassed
            let wasShort = Deadline.now.duration(since: begun) < .seconds(1)
            endedAtOnce = wasEndedByUs || !wasShort ? 0 : endedAtOnce + 1
        }
    }

    /// Asks for news in the way that this server answers.
    private func poll(
        _ way: ServerHabits.Polling, _ watch: NewsWatch, _ time: Duration
    ) async throws(MailClientError) {
        let patience = Deadline.after(time)
        guard way != .noop, let before = session.selected else {
            try await execute(NoopCommand(), deadline: patience)
            return
        }
        switch way {
        case .noop: break
        case .status:
            let status = try await execute(StatusCommand(before.name), deadline: patience)
            if let last = watch.lastStatus, last != status { hear(.status(before.name, status)) }
            watch.lastStatus = status
        case .select:
            let command = SelectCommand(before.name, readOnly: before.readOnly)
            let after = try await execute(command, deadline: patience)
            if (after.exists, after.uidNext) != (before.exists, before.uidNext) { hear(.exists(after.exists)) }
        }
    }

    /// Hands news to whoever idles.
    func hear(_ response: UntaggedResponse) {
        guard let watch = newsWatch, !watch.isLeaving, response.isNews, watch.consumer(response) == .leave else {
            return
        }
        watch.isLeaving = true
        endIdle()
    }

    /// Ends a running `idle` from outside; where none runs, the next one, because whoever calls may be faster than the idler.
    func leaveIdle() {
        guard let newsWatch else {
            leavesNextIdle = true
            return
        }
        newsWatch.isLeaving = true
        endIdle()
    }

    private func pause(until moment: Deadline) async throws(MailClientError) {
        do throws(TransportError) {
            try await eventLoop.sleep(until: moment)
        } catch {
            throw MailClientError(error, .imap, phase: "news")
        }
    }
}

/// Who idles on a connection; belongs to the connection's actor.
final class NewsWatch {
    let consumer: @Sendable (UntaggedResponse) -> IMAPConnection.Idling
    var isLeaving = false
    /// What STATUS said last, where that is how news is got.
    var lastStatus: MailboxStatus?

    init(_ consumer: @escaping @Sendable (UntaggedResponse) -> IMAPConnection.Idling) { self.consumer = consumer }
}

extension UntaggedResponse {
    /// Whether it tells of a change in a mailbox.
    fileprivate var isNews: Bool {
        switch self {
        case .exists, .expunge, .vanished, .fetch, .recent, .flags, .status, .list: true
        default: false
        }
    }
}
