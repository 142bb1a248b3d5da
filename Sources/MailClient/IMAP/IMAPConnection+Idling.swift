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
    /// IDLE where the server has it, begun anew before 29 minutes are over (RFC 9051, 6.3.13); NOOP now and then where it has
    /// not, or ends every IDLE at once. The connection can be used for other commands afterwards; one that is given meanwhile
    /// waits for the end. A server that does not end an IDLE within `patience` is dead. `consumer` runs on the connection's loop and must not block. `renewal` is shorter for servers that
    /// forget about an IDLE: 3 minutes at Yahoo, 55 s at Rambler.
    package func idle(
        renewal: Duration? = nil, polling: Duration? = nil, patience: Duration? = nil, deadline: Deadline,
        _ consumer: @escaping @Sendable (UntaggedResponse) -> Idling
    ) async throws(MailClientError) {
        let watch = NewsWatch(consumer)
        newsWatch = watch
        defer { newsWatch = nil }
        var endedAtOnce = 0
        while !watch.isLeaving, !deadline.hasPassed {
            guard session.capabilities.contains(.idle), endedAtOnce < Limits.refusedIdles else {
                try await execute(NoopCommand(), deadline: .after(patience ?? Limits.readPatience))
                if watch.isLeaving { return }
                try await pause(until: deadline.earlier(of: .after(polling ?? Limits.pollInterval)))
                continue
            }
            let renewalTime = deadline.earlier(of: .after(renewal ?? Limits.idleRenewal))
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

    /// Hands news to whoever idles.
    func hear(_ response: UntaggedResponse) {
        guard let watch = newsWatch, !watch.isLeaving, response.isNews, watch.consumer(response) == .leave else {
            return
        }
        watch.isLeaving = true
        endIdle()
    }

    /// Ends a running `idle` from outside.
    func leaveIdle() {
        newsWatch?.isLeaving = true
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
