import Model
import Outbox
import Store
import Testing

/// Lanes apart from each other, told in steps.
@Suite struct QueueTableTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func key(_ account: String, _ track: QueueTrack = .delivery) -> QueueKey {
        QueueKey(AccountID(rawValue: account), track)
    }

    private func items(_ count: Int, of account: String) -> [ClaimedSubmission] {
        (0..<count).map { number in
            let id = SubmissionID(rawValue: "\(account)\(number)")
            return ClaimedSubmission(
                submission: Submission(
                    id: id, accountID: AccountID(rawValue: account), state: .sending, messageID: "m", createdAt: now,
                    nextAttemptAt: nil, mailFrom: "a@x", recipients: [], saveToSent: false),
                phase: .delivery, lease: SubmissionLease(id: id, owner: "n", epoch: 1), size: 1)
        }
    }

    /// A table in which each of these accounts has claimed so many.
    private func table(_ accounts: [String: Int], server: String = "s:25") -> QueueTable {
        var table = QueueTable()
        for account in accounts.keys {
            table.noteDue(key(account), at: now)
            table.setServer(server, of: key(account))
        }
        for claim in table.claims(now) {
            table.claimed(
                items(accounts[claim.key.account.rawValue] ?? 0, of: claim.key.account.rawValue), by: claim, now: now)
        }
        return table
    }

    @Test func `claims once for each account, and again when half is gone`() {
        var table = table(["a": 8, "b": 8])
        #expect(table.claims(now).isEmpty)
        #expect(table.take(key("a"), atMost: 4, now: now).count == 4)
        #expect(table.claims(now).map(\.key) == [key("a")])
        #expect(table.claims(now).isEmpty, "while the first answer is awaited")
    }

    @Test func `a lane that gave less than asked for is at its end until somebody rings`() {
        var table = table(["a": 3])
        _ = table.take(key("a"), atMost: 3, now: now)
        #expect(table.claims(now).isEmpty)
        table.noteDue(key("a"), at: now)
        let claims = table.claims(now)
        #expect(claims.map(\.key) == [key("a")])
        // Rung while the store was asked: what came after the answer must not be missed.
        table.noteDue(key("a"), at: now)
        for claim in claims { table.claimed([], by: claim, now: now) }
        #expect(table.claims(now).map(\.key) == [key("a")])
    }

    @Test func `starts connections by the account's window`() {
        var table = table(["a": 8, "b": 1])
        #expect(table.starts(now).count { $0 == key("a") } == 2)
        #expect(table.lanes[key("b")]?.workers == 1)
        #expect(table.starts(now).isEmpty)
        #expect(table.servers["s:25"]?.connections == 3)
        table.ended(key("b"))
        #expect(table.servers["s:25"]?.connections == 2)
    }

    @Test func `a server takes no more than its share, and others are served`() {
        var accounts: [String: Int] = [:]
        for number in 0..<40 { accounts["a\(number)"] = 8 }
        var table = table(accounts)
        #expect(table.starts(now).count == 50)
        table.noteDue(key("x"), at: now)
        table.setServer("other:25", of: key("x"))
        for claim in table.claims(now) where claim.key == key("x") {
            table.claimed(items(1, of: "x"), by: claim, now: now)
        }
        #expect(table.starts(now) == [key("x")])
    }

    @Test func `an unreachable server is left alone by all its accounts, then tried by one connection`() {
        var table = table(["a": 8, "b": 8])
        let started = table.starts(now)
        #expect(started.count == 4)
        // The second connection of a lane might only be one too many: the first failure says nothing yet.
        var states: [Bool] = []
        for key in started {
            states.append(table.unreachable(key, now: now, isServerAtFault: true))
            table.ended(key)
        }
        #expect(states.count { $0 } == 2)
        #expect(table.drain(key("a")).count == 8 && table.drain(key("b")).count == 8)
        table.noteDue(key("a"), at: now)
        table.noteDue(key("b"), at: now)
        #expect(table.claims(now).isEmpty && table.starts(now).isEmpty)
        let wake = table.nextWake(now)
        #expect(wake.map { $0 > now && $0 < now.advanced(by: .seconds(60)) } == true)
        let later = now.advanced(by: .seconds(400))
        let claims = table.claims(later)
        #expect(claims.allSatisfy { $0.limit == 50 } && claims.count == 2)
        for claim in claims { table.claimed(items(8, of: claim.key.account.rawValue), by: claim, now: later) }
        let probes = table.starts(later)
        #expect(probes.count == 1)
        table.delivered(probes[0], now: later)
        #expect(!table.starts(later).isEmpty)
    }

    @Test func `a person's wish ends a pause`() {
        var table = table(["a": 1])
        for key in table.starts(now) {
            _ = table.unreachable(key, now: now, isServerAtFault: true)
            table.ended(key)
        }
        _ = table.drain(key("a"))
        table.noteDue(key("a"), at: now)
        #expect(table.claims(now).isEmpty)
        table.noteDue(key("a"), at: now, isUrgent: true)
        #expect(table.claims(now).map(\.key) == [key("a")])
    }

    @Test func `copies are made one at a time, whatever deliveries do`() {
        var table = table(["a": 8])
        _ = table.starts(now)
        table.noteDue(key("a", .sentCopy), at: now)
        for claim in table.claims(now) where claim.key.track == .sentCopy {
            table.claimed(items(5, of: "a"), by: claim, now: now)
        }
        #expect(table.starts(now) == [key("a", .sentCopy)])
    }

    @Test func `what waits for a server that complained, or cannot be reached, is given back until it has rested`() {
        var table = table(["a": 8, "b": 8])
        #expect(table.resting(now).isEmpty)
        let started = table.starts(now)
        _ = table.take(key("a"), atMost: 1, now: now)
        table.throttled(key("a"), now: now)
        let resting = table.resting(now)
        #expect(resting.count == 7)
        #expect(resting.allSatisfy { $0.item.submission.accountID.rawValue == "a" && $0.until > now })
        #expect(table.resting(now).isEmpty, "once")
        // The server of all of them, found to be away by one.
        for key in started where key.account.rawValue == "b" {
            _ = table.unreachable(key, now: now, isServerAtFault: true)
            table.ended(key)
        }
        #expect(table.resting(now).count == 8)
        // What comes when it rests already, as a claim was under way.
        table.putBack(items(1, of: "b"), key("b"))
        table.noteDue(key("b"), at: now)
        #expect(table.claims(now).isEmpty && table.resting(now).count == 1)
    }

    @Test func `a stop takes nothing more and gives back what was not begun`() {
        var table = table(["a": 8, "b": 8])
        table.isStopping = true
        #expect(table.starts(now).isEmpty && table.claims(now).isEmpty)
        #expect(table.take(key("a"), atMost: 1, now: now).isEmpty)
        #expect(table.isQuiet)
        #expect(table.abandoned.count == 2)
    }

    @Test func `a suspension is a stop that ends, and is slept through`() {
        var table = table(["a": 8])
        _ = table.drain(key("a"))
        table.noteDue(key("a"), at: now)
        _ = table.unreachable(key("a"), now: now, isServerAtFault: false)
        #expect(table.claims(now).isEmpty && table.nextWake(now) != nil, "it pauses")
        table.isSuspended = true
        let later = now.advanced(by: .seconds(3600))
        #expect(table.claims(later).isEmpty && table.nextWake(later) == nil)
        table.isSuspended = false
        #expect(table.claims(later).map(\.key) == [key("a")])
    }
}

@Suite struct PaceTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    @Test func `grows while all goes well, up to a bound`() {
        var pace = Pace()
        #expect(pace.window == 2)
        for _ in 0..<16 { pace.delivered(now) }
        #expect(pace.window == 3)
        for _ in 0..<10_000 { pace.delivered(now) }
        #expect(pace.window == 10)
    }

    @Test func `a complaint halves the connections, pauses, and puts gaps between messages`() {
        var pace = Pace()
        for _ in 0..<1000 { pace.delivered(now) }
        let before = pace.window
        pace.throttled(now)
        #expect(pace.window == before / 2)
        #expect(pace.isPaused(now) && !pace.isPaused(now.advanced(by: .seconds(13))))
        #expect(pace.reserve(now) == .zero)
        #expect(pace.reserve(now) == .seconds(1))
        #expect(pace.reserve(now) == .seconds(2))
        for seconds in 3...5 { #expect(pace.reserve(now) == .seconds(seconds)) }
        // Nobody holds a message for longer; the place stays free for who comes then.
        #expect(pace.reserve(now) == nil && pace.pausedUntil == now.advanced(by: .seconds(6)))
        #expect(pace.reserve(now.advanced(by: .seconds(6))) == .zero)
        pace.throttled(now)
        #expect(pace.interval == .seconds(2))
        let later = now.advanced(by: .seconds(60))
        for _ in 0..<100 { pace.delivered(later) }
        #expect(pace.interval == .zero && !pace.isPaused(later))
        #expect(pace.window <= before / 2, "what was too much once is not tried again")
    }

    @Test func `a server that names a pause gets that one, whatever was on its way to it`() {
        var pace = Pace()
        pace.throttled(now, pause: .seconds(200))
        pace.delivered(now)
        #expect(pace.failures == 1)
        #expect(pace.isPaused(now.advanced(by: .seconds(199))) && !pace.isPaused(now.advanced(by: .seconds(201))))
    }

    @Test(arguments: [(1, 8, 12), (2, 16, 24), (6, 240, 360), (99, 240, 360)])
    func `pauses grow, with some chance in them`(failures: Int, least: Int, most: Int) {
        for _ in 0..<100 {
            let pause = Pace.pause(failures)
            #expect(pause >= .seconds(least) && pause <= .seconds(most))
        }
    }
}
