import IMAP
import MailClient
import Model
import Testing
import Transport

@Suite struct PoolMachineTests {
    private let start = Deadline.now
    private let refused = MailClientError.connect(.imap, .connectionRefused)
    private let other = MailboxName("other")

    private func settings(_ change: (inout PoolMachine.Settings) -> Void = { _ in }) -> PoolMachine {
        var settings = PoolMachine.Settings()
        change(&settings)
        return PoolMachine(settings)
    }

    /// A machine with so many idle sessions.
    private func machine(idle count: Int) -> PoolMachine {
        var machine = settings()
        for _ in 0..<count { _ = machine.request(mailbox: nil, now: start) }
        for session in 0..<count { _ = machine.connected(session: session + 1, now: start) }
        for session in 0..<count {
            _ = machine.returned(session: session + 1, mailbox: nil, isReusable: true, now: start)
        }
        return machine
    }

    @Test func `opens a session for each who waits, up to the budget`() {
        var machine = settings()
        #expect(machine.request(mailbox: nil, now: start).actions == [.connect(session: 1)])
        #expect(machine.request(mailbox: nil, now: start).actions == [.connect(session: 2)])
        #expect(machine.request(mailbox: nil, now: start).actions == [.connect(session: 3)])
        #expect(machine.request(mailbox: nil, now: start).actions.isEmpty)
        #expect(machine.connected(session: 2, now: start) == [.lend(session: 2, waiter: 1)])
        #expect(machine.waiting == 3 && machine.lent == 1 && machine.connecting == 2)
    }

    @Test func `serves in the order of asking`() {
        var machine = machine(idle: 1)
        #expect(machine.request(mailbox: .inbox, now: start).actions == [.lend(session: 1, waiter: 2)])
        _ = machine.request(mailbox: other, now: start)
        _ = machine.request(mailbox: .inbox, now: start)
        let actions = machine.returned(session: 1, mailbox: .inbox, isReusable: true, now: start)
        #expect(actions.first == .lend(session: 1, waiter: 3))
    }

    @Test func `prefers the session that has the mailbox, then an unselected one`() {
        var machine = machine(idle: 3)
        for session in 1...3 { _ = machine.request(mailbox: nil, now: start).actions.count + session }
        _ = machine.returned(session: 1, mailbox: .inbox, isReusable: true, now: start)
        _ = machine.returned(session: 2, mailbox: other, isReusable: true, now: start.advanced(by: .seconds(1)))
        _ = machine.returned(session: 3, mailbox: nil, isReusable: true, now: start)
        #expect(machine.request(mailbox: .inbox, now: start).actions == [.lend(session: 1, waiter: 7)])
        #expect(machine.request(mailbox: .inbox, now: start).actions == [.lend(session: 3, waiter: 8)])
        #expect(machine.request(mailbox: .inbox, now: start).actions == [.lend(session: 2, waiter: 9)])
    }

    @Test func `idle sessions are closed after a while, used ones are not`() {
        var machine = machine(idle: 2)
        let later = start.advanced(by: .seconds(59))
        #expect(machine.tick(now: later) == [.wake(at: start.advanced(by: .seconds(60)))])
        _ = machine.request(mailbox: nil, now: later)
        #expect(machine.tick(now: start.advanced(by: .seconds(60))).count == 1)
        #expect(machine.idle == 0 && machine.lent == 1)
    }

    @Test func `a broken session is replaced for who waits`() {
        var machine = settings { $0.maximumSessions = 1 }
        _ = machine.request(mailbox: nil, now: start)
        _ = machine.connected(session: 1, now: start)
        _ = machine.request(mailbox: nil, now: start)
        #expect(machine.ended(session: 1).isEmpty)
        let actions = machine.returned(session: 1, mailbox: nil, isReusable: true, now: start)
        #expect(actions == [.close(session: 1), .connect(session: 2)])
    }

    @Test func `an idle session that ends is forgotten`() {
        var machine = machine(idle: 1)
        #expect(machine.ended(session: 1) == [.close(session: 1)])
        #expect(machine.request(mailbox: nil, now: start).actions == [.connect(session: 2)])
    }

    @Test func `a failed connect fails who waits where nothing else may serve them`() {
        var machine = settings { $0.maximumSessions = 2 }
        for _ in 0..<3 { _ = machine.request(mailbox: nil, now: start) }
        #expect(machine.connectFailed(session: 1, refused, now: start) == [.fail(waiter: 1, refused)])
        #expect(
            machine.connectFailed(session: 2, refused, now: start)
                == [.fail(waiter: 2, refused), .fail(waiter: 3, refused)])
        #expect(machine.request(mailbox: nil, now: start).actions == [.connect(session: 3)])
    }

    @Test func `a refused further session lowers the budget for a while, and nobody fails`() {
        let full = MailClientError.unavailable(.imap, text: "too many connections")
        var machine = settings()
        _ = machine.request(mailbox: nil, now: start)
        _ = machine.connected(session: 1, now: start)
        _ = machine.request(mailbox: nil, now: start)
        #expect(machine.connectFailed(session: 2, full, now: start).isEmpty)
        #expect(machine.budget == 1 && machine.waiting == 1)
        #expect(machine.request(mailbox: nil, now: start).actions.isEmpty)
        let actions = machine.returned(session: 1, mailbox: nil, isReusable: true, now: start)
        #expect(actions == [.lend(session: 1, waiter: 2)])
        #expect(machine.tick(now: start.advanced(by: .seconds(601))) == [.connect(session: 3)])
        #expect(machine.budget == 3)
    }

    @Test func `a lowered budget ends also where no session is ever idle`() {
        let full = MailClientError.unavailable(.imap, text: "too many connections")
        var machine = settings()
        _ = machine.request(mailbox: nil, now: start)
        _ = machine.connected(session: 1, now: start)
        _ = machine.request(mailbox: nil, now: start)
        _ = machine.connectFailed(session: 2, full, now: start)
        #expect(machine.budget == 1)
        let actions = machine.request(mailbox: nil, now: start.advanced(by: .seconds(601))).actions
        #expect(actions == [.connect(session: 3), .connect(session: 4)])
    }

    @Test func `a refused password fails all and is not tried again at once`() {
        let wrong = MailClientError.authenticationFailed(.imap, text: "no")
        var machine = settings()
        _ = machine.request(mailbox: nil, now: start)
        #expect(machine.connectFailed(session: 1, wrong, now: start) == [.fail(waiter: 1, wrong)])
        #expect(machine.request(mailbox: nil, now: start).actions == [.fail(waiter: 2, wrong)])
        let later = start.advanced(by: .seconds(11))
        #expect(machine.request(mailbox: nil, now: later).actions == [.connect(session: 2)])
    }

    @Test func `who withdraws is not served`() {
        var machine = settings { $0.maximumSessions = 1 }
        _ = machine.request(mailbox: nil, now: start)
        let second = machine.request(mailbox: nil, now: start).waiter
        let first = machine.withdraw(waiter: 1)
        let again = machine.withdraw(waiter: 1)
        #expect(first && !again)
        #expect(machine.connected(session: 1, now: start) == [.lend(session: 1, waiter: second)])
    }

    @Test func `a session nobody waits for any more stays for the next`() {
        var machine = settings()
        _ = machine.request(mailbox: nil, now: start)
        _ = machine.withdraw(waiter: 1)
        #expect(machine.connected(session: 1, now: start) == [.wake(at: start.advanced(by: .seconds(60)))])
        #expect(machine.request(mailbox: nil, now: start).actions == [.lend(session: 1, waiter: 2)])
    }

    @Test func `the queue has an end`() {
        var machine = settings {
            $0.maximumSessions = 1
            $0.waitingRequests = 2
        }
        for _ in 0..<2 { _ = machine.request(mailbox: nil, now: start) }
        guard case .fail(3, .unavailable) = machine.request(mailbox: nil, now: start).actions.first else {
            Issue.record("a third request waits")
            return
        }
    }

    @Test func `closing refuses all and lets go of what comes back`() {
        var machine = machine(idle: 2)
        _ = machine.request(mailbox: nil, now: start)
        let gone = MailClientError.disconnected(.imap, text: nil)
        #expect(machine.close().count == 1)
        #expect(machine.request(mailbox: nil, now: start).actions == [.fail(waiter: 4, gone)])
        let lent = machine.lent
        #expect(lent == 1)
        let closed = (1...2).flatMap { machine.returned(session: $0, mailbox: nil, isReusable: true, now: start) }
        #expect(closed.count == 1)
        #expect(machine.lent + machine.idle == 0)
    }

    @Test func `downloads leave a session for requests, and overtake none of their own`() {
        var machine = machine(idle: 3)
        let transfers = (0..<4).map { _ in machine.request(mailbox: .inbox, use: .transfer, now: start) }
        #expect(transfers.map(\.actions.count) == [1, 1, 0, 0])
        #expect(machine.transferring == 2 && machine.waitingTransfers == 2 && machine.idle == 1)
        let request = machine.request(mailbox: other, now: start)
        guard case .lend(let session, request.waiter) = request.actions.first else {
            Issue.record("\(request.actions)")
            return
        }
        let back = machine.returned(session: session, mailbox: other, isReusable: true, now: start)
        #expect(!back.contains { if case .lend = $0 { true } else { false } })
        let freed = machine.returned(session: 1, mailbox: .inbox, isReusable: true, now: start)
        #expect(freed.first == .lend(session: session == 1 ? 2 : 1, waiter: transfers[2].waiter))
        #expect(machine.transferring == 2 && machine.waitingTransfers == 1)
    }

    @Test func `readers of one mailbox share a session where there is no other, in the order of asking`() {
        var machine = settings {
            $0.maximumSessions = 1
            $0.sharers = 3
        }
        _ = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        _ = machine.connected(session: 1, now: start)
        let second = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        #expect(second.actions == [.lend(session: 1, waiter: second.waiter)])
        let third = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        let fourth = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        #expect(third.actions.count == 1 && fourth.actions.isEmpty && machine.sharing == 2 && machine.lent == 1)
        // Who changes something, or reads elsewhere, has it alone; and who comes later does not overtake.
        let other = machine.request(mailbox: other, use: .sharedRequest, now: start)
        let later = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        let first = machine.leave(session: 1)
        #expect(!first && other.actions.isEmpty && later.actions.isEmpty)
    }

    @Test func `a shared session comes back when the last has left it`() {
        var machine = settings { $0.maximumSessions = 1 }
        for _ in 0..<2 { _ = machine.request(mailbox: .inbox, use: .sharedRequest, now: start) }
        #expect(
            machine.connected(session: 1, now: start) == [.lend(session: 1, waiter: 1), .lend(session: 1, waiter: 2)])
        let changing = machine.request(mailbox: .inbox, now: start)
        let (first, last) = (machine.leave(session: 1), machine.leave(session: 1))
        #expect(changing.actions.isEmpty && !first && last)
        // On its way back nobody joins any more.
        let reader = machine.request(mailbox: .inbox, use: .sharedRequest, now: start)
        #expect(reader.actions.isEmpty)
        let actions = machine.returned(session: 1, mailbox: .inbox, isReusable: true, now: start)
        #expect(actions.first == .lend(session: 1, waiter: changing.waiter))
    }

    @Test func `nobody joins a session that ended, or one that changes or downloads`() {
        for use in [PoolMachine.Use.request, .transfer, .sharedRequest] {
            var machine = settings { $0.maximumSessions = 1 }
            _ = machine.request(mailbox: .inbox, use: use, now: start)
            _ = machine.connected(session: 1, now: start)
            _ = machine.ended(session: 1)
            #expect(machine.request(mailbox: .inbox, use: .sharedRequest, now: start).actions.isEmpty)
        }
    }

    /// sessions allowed, downloads wanted at once, downloads that run.
    @Test(arguments: [(1, 5, 1), (2, 5, 1), (3, 5, 2), (8, 20, 7), (8, 3, 3)])
    func `no more sessions are opened than downloads may have`(maximum: Int, wanted: Int, running: Int) {
        var machine = settings { $0.maximumSessions = maximum }
        for _ in 0..<wanted { _ = machine.request(mailbox: nil, use: .transfer, now: start) }
        #expect(machine.connecting == running)
        for session in 1...running { _ = machine.connected(session: session, now: start) }
        #expect(machine.transferring == running && machine.waitingTransfers == wanted - running)
        #expect(machine.request(mailbox: nil, now: start).actions.isEmpty == (maximum == 1))
    }

    @Test func `requests that came first are served first`() {
        var machine = settings { $0.maximumSessions = 1 }
        _ = machine.request(mailbox: nil, use: .transfer, now: start)
        _ = machine.connected(session: 1, now: start)
        let second = machine.request(mailbox: nil, use: .transfer, now: start).waiter
        _ = machine.request(mailbox: nil, now: start)
        let actions = machine.returned(session: 1, mailbox: nil, isReusable: true, now: start)
        #expect(actions.first == .lend(session: 1, waiter: second))
    }

    @Test func `no order of events loses a session or a waiter`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var machine = settings { $0.maximumSessions = 2 }
            var connecting: Set<Int> = []
            /// Users by session.
            var lent: [Int: Int] = [:]
            var asked = 0
            var answered = 0
            func perform(_ actions: [PoolMachine.Action]) {
                for action in actions {
                    switch action {
                    case .connect(let session): connecting.insert(session)
                    case .lend(let session, _):
                        lent[session, default: 0] += 1
                        answered += 1
                    case .fail: answered += 1
                    case .close, .wake: break
                    }
                }
            }
            for _ in 0..<60 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1:
                    asked += 1
                    perform(
                        machine.request(
                            mailbox: Bool.random() ? .inbox : other, use: Bool.random() ? .request : .transfer,
                            now: start
                        ).actions)
                case 2:
                    guard let session = connecting.popFirst() else { continue }
                    perform(
                        Bool.random()
                            ? machine.connected(session: session, now: start)
                            : machine.connectFailed(session: session, refused, now: start))
                case 3:
                    guard let (session, users) = lent.randomElement(using: &generator) else { continue }
                    lent[session] = users > 1 ? users - 1 : nil
                    let isLast = machine.leave(session: session)
                    #expect(isLast == (users == 1))
                    guard isLast else { continue }
                    perform(machine.returned(session: session, mailbox: .inbox, isReusable: Bool.random(), now: start))
                default: perform(machine.ended(session: Int.random(in: 1...9, using: &generator)))
                }
                #expect(machine.lent == lent.count)
                #expect(machine.connecting == connecting.count)
                #expect(asked == answered + machine.waiting)
                // Whoever waits has somebody to wait for.
                #expect(machine.waiting == 0 || !lent.isEmpty || !connecting.isEmpty)
            }
        }
    }
}
