package import IMAP
import Model
package import Transport

/// Decides which session serves whom, which to open and which to close: values in, actions out.
///
/// First come, first served. A request gets an idle session that has its mailbox selected, else another idle one, else a new
/// one, as long as the server allows that many; else it waits. Transfers hold a session long: where there can be more than
/// one they never have all, so that a request waits for requests and not for downloads.
/// Where nothing is idle and nothing more can be opened, the first in line may share a session with others that, as itself,
/// only read in the same mailbox.
package struct PoolMachine: Sendable {
    /// The numbers that the machine decides by.
    package struct Settings: Sendable {
        /// Sessions at the same time.
        package var maximumSessions = 3
        /// A session that nobody wanted for so long is closed.
        package var idleTime = Duration.seconds(60)
        /// A refused password is not tried again for so long: servers lock accounts.
        package var refusalMemory = Duration.seconds(10)
        /// After the server refused another session we keep to what we had for so long.
        package var budgetMemory = Duration.seconds(600)
        package var waitingRequests = Limits.waitingRequests
        /// Requests that share a session.
        package var sharers = Limits.sharers

        package init() {}
    }

    /// For what a session is wanted.
    package enum Use: Sendable, Equatable {
        /// Short.
        case request
        /// Short, and only reads in its mailbox, so that it can run beside others of the kind.
        case sharedRequest
        /// A download, as long as its reader likes.
        case transfer
    }

    /// What the pool has to do, in this order.
    package enum Action: Sendable, Equatable {
        case connect(session: Int)
        case lend(session: Int, waiter: Int)
        case fail(waiter: Int, MailClientError)
        case close(session: Int)
        /// `tick` wants to be called then.
        case wake(at: Deadline)
    }

    private enum Phase: Sendable, Equatable {
        /// Can become `idle`, or vanish.
        case connecting
        /// Can become `lent`, or vanish.
        case idle(since: Deadline)
        /// Can become `idle`, or vanish; `users` is more than one only where it is shared, and 0 while the last gives it back.
        case lent(Use, users: Int)
    }

    private struct Session: Sendable {
        let number: Int
        var phase = Phase.connecting
        var mailbox: MailboxName?
        /// The connection ended while it was lent.
        var isBroken = false

        var isIdle: Bool { if case .idle = phase { true } else { false } }
        var isLent: Bool { if case .lent = phase { true } else { false } }
        var isTransferring: Bool { if case .lent(.transfer, _) = phase { true } else { false } }
        var users: Int { if case .lent(_, let users) = phase { users } else { 0 } }
    }

    private struct Waiter: Sendable {
        let number: Int
        let mailbox: MailboxName?
        let use: Use
    }

    private let settings: Settings
    private var sessions: [Session] = []
    private var waiters: [Waiter] = []
    private var lastSession = 0
    private var lastWaiter = 0
    private var isClosed = false
    private var refusal: (error: MailClientError, until: Deadline)?
    private var budgetEnd: Deadline?
    /// Sessions that the server lets us have.
    package private(set) var budget: Int

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        budget = max(1, settings.maximumSessions)
    }

    package var waiting: Int { waiters.count }
    package var waitingTransfers: Int { waiters.count { $0.use == .transfer } }
    package var connecting: Int { sessions.count { $0.phase == .connecting } }
    package var lent: Int { sessions.count(where: \.isLent) }
    package var transferring: Int { sessions.count(where: \.isTransferring) }
    /// Requests that share a session with another.
    package var sharing: Int { sessions.reduce(0) { $0 + max(0, $1.users - 1) } }
    package var idle: Int { sessions.count(where: \.isIdle) }

    /// Somebody wants a session; the number is for the answer.
    package mutating func request(
        mailbox: MailboxName?, use: Use = .request, now: Deadline
    ) -> (waiter: Int, actions: [Action]) {
        lastWaiter += 1
        let waiter = lastWaiter
        if isClosed { return (waiter, [.fail(waiter: waiter, .disconnected(.imap, text: nil))]) }
        restoreBudget(now)
        if let refusal, now < refusal.until { return (waiter, [.fail(waiter: waiter, refusal.error)]) }
        guard waiters.count < settings.waitingRequests else {
            return (
                waiter, [.fail(waiter: waiter, .unavailable(.imap, text: "too many requests wait for the account"))]
            )
        }
        waiters.append(Waiter(number: waiter, mailbox: mailbox, use: use))
        return (waiter, match())
    }

    /// Somebody waits no more; false where the answer was given already.
    package mutating func withdraw(waiter: Int) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.number == waiter }) else { return false }
        waiters.remove(at: index)
        return true
    }

    package mutating func connected(session: Int, now: Deadline) -> [Action] {
        guard let index = index(session), !isClosed else {
            remove(session)
            return [.close(session: session)]
        }
        refusal = nil
        sessions[index].phase = .idle(since: now)
        return match() + wakeIfIdle(session, now)
    }

    package mutating func connectFailed(session: Int, _ error: MailClientError, now: Deadline) -> [Action] {
        remove(session)
        if error.isAuthentication {
            refusal = (error, now.advanced(by: settings.refusalMemory))
            return failAll(error)
        }
        let working = sessions.count { $0.phase != .connecting }
        if working > 0 {
            // The others go on; where the server counts connections, no more than these are tried for a while.
            if case .unavailable = error { lowerBudget(to: sessions.count, now) }
            return match(mayConnect: false)
        }
        if sessions.isEmpty { return failAll(error) }
        guard let first = waiters.first else { return [] }
        waiters.removeFirst()
        return [.fail(waiter: first.number, error)]
    }

    /// One of those who have the session leaves it; whether nobody has it any more, so that `returned` must follow.
    package mutating func leave(session: Int) -> Bool {
        guard let index = index(session), case .lent(let use, let users) = sessions[index].phase else { return true }
        sessions[index].phase = .lent(use, users: users - 1)
        return users <= 1
    }

    /// A lease is over.
    package mutating func returned(session: Int, mailbox: MailboxName?, isReusable: Bool, now: Deadline) -> [Action] {
        guard let index = index(session) else { return [] }
        guard isReusable, !sessions[index].isBroken, !isClosed, sessions.count <= budget else {
            remove(session)
            return [.close(session: session)] + match()
        }
        sessions[index].phase = .idle(since: now)
        sessions[index].mailbox = mailbox
        return match() + wakeIfIdle(session, now)
    }

    /// The connection ended by itself.
    package mutating func ended(session: Int) -> [Action] {
        guard let index = index(session) else { return [] }
        switch sessions[index].phase {
        case .lent: sessions[index].isBroken = true
        case .idle:
            remove(session)
            return [.close(session: session)] + match()
        case .connecting: break
        }
        return match()
    }

    /// Closes what nobody wanted.
    package mutating func tick(now: Deadline) -> [Action] {
        restoreBudget(now)
        var actions: [Action] = []
        var next: Deadline?
        for session in sessions {
            guard case .idle(let since) = session.phase else { continue }
            let end = since.advanced(by: settings.idleTime)
            if end <= now {
                remove(session.number)
                actions.append(.close(session: session.number))
            } else {
                next = next.map { min($0, end) } ?? end
            }
        }
        if let next { actions.append(.wake(at: next)) }
        return actions + match()
    }

    /// Refuses all who wait and all who come; what is lent is closed when it comes back.
    package mutating func close() -> [Action] {
        isClosed = true
        let idle = sessions.filter(\.isIdle)
        sessions.removeAll(where: \.isIdle)
        return failAll(.disconnected(.imap, text: nil)) + idle.map { .close(session: $0.number) }
    }

    private mutating func match(mayConnect: Bool = true) -> [Action] {
        var actions: [Action] = []
        while let next = nextServed, let index = bestIdle(for: waiters[next].mailbox) {
            let waiter = waiters.remove(at: next)
            sessions[index].phase = .lent(waiter.use, users: 1)
            sessions[index].mailbox = waiter.mailbox
            actions.append(.lend(session: sessions[index].number, waiter: waiter.number))
        }
        while mayConnect, !isClosed, servable > connecting, sessions.count < budget {
            lastSession += 1
            sessions.append(Session(number: lastSession))
            actions.append(.connect(session: lastSession))
        }
        return actions + share()
    }

    /// Only who is first in line shares, so that no mailbox keeps another waiting: see `nextServed`.
    private mutating func share() -> [Action] {
        var actions: [Action] = []
        while sessions.count >= budget, let next = nextServed, waiters[next].use == .sharedRequest,
            let mailbox = waiters[next].mailbox, let index = bestShared(for: mailbox)
        {
            let waiter = waiters.remove(at: next)
            sessions[index].phase = .lent(.sharedRequest, users: sessions[index].users + 1)
            actions.append(.lend(session: sessions[index].number, waiter: waiter.number))
        }
        return actions
    }

    /// A session that some read with in this mailbox, and not too many: the one with the fewest.
    private func bestShared(for mailbox: MailboxName) -> Int? {
        sessions.indices.filter { index in
            guard case .lent(.sharedRequest, let users) = sessions[index].phase, users > 0 else { return false }
            return users < settings.sharers && sessions[index].mailbox == mailbox && !sessions[index].isBroken
        }.min { sessions[$0].users < sessions[$1].users }
    }

    /// Transfers that may run at once: all sessions but one, where there can be more than one.
    private var transferBudget: Int { max(1, budget - 1) }

    /// The first in line, where only requests overtake transfers for which there is no room now.
    private var nextServed: Int? {
        transferring < transferBudget ? waiters.indices.first : waiters.firstIndex { $0.use != .transfer }
    }

    /// How many of those who wait could be served if there were sessions.
    private var servable: Int {
        let transfers = waitingTransfers
        return waiters.count - transfers + min(transfers, max(0, transferBudget - transferring))
    }

    /// An idle session: with the mailbox selected, else with none, else the one used last, so that surplus ones grow old.
    private func bestIdle(for mailbox: MailboxName?) -> Int? {
        func rank(_ session: Session) -> Int {
            if let mailbox, session.mailbox == mailbox { return 2 }
            return session.mailbox == nil ? 1 : 0
        }
        return sessions.indices.filter { sessions[$0].isIdle }.max { left, right in
            let ranks = (rank(sessions[left]), rank(sessions[right]))
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            guard case .idle(let first) = sessions[left].phase, case .idle(let second) = sessions[right].phase else {
                return false
            }
            return first < second
        }
    }

    private mutating func lowerBudget(to count: Int, _ now: Deadline) {
        budget = max(1, min(budget, count))
        budgetEnd = now.advanced(by: settings.budgetMemory)
    }

    /// The server is trusted again: also where no session is ever idle, so that nothing ticks.
    private mutating func restoreBudget(_ now: Deadline) {
        guard let end = budgetEnd, end <= now else { return }
        budgetEnd = nil
        budget = max(1, settings.maximumSessions)
    }

    private mutating func failAll(_ error: MailClientError) -> [Action] {
        defer { waiters = [] }
        return waiters.map { .fail(waiter: $0.number, error) }
    }

    private func wakeIfIdle(_ session: Int, _ now: Deadline) -> [Action] {
        guard let index = index(session), sessions[index].isIdle else { return [] }
        return [.wake(at: now.advanced(by: settings.idleTime))]
    }

    private func index(_ session: Int) -> Int? { sessions.firstIndex { $0.number == session } }

    private mutating func remove(_ session: Int) { sessions.removeAll { $0.number == session } }
}
