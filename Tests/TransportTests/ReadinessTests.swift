import Testing
import Transport

/// Every way in which a wait can end, without a socket.
@Suite struct ReadinessTests {
    var waits = Readiness<Int>()

    private func deadline(_ seconds: Int) -> Deadline { Deadline.now.advanced(by: .seconds(seconds)) }

    /// Parks waiter 1 as a reader and checks that it has to wait.
    private mutating func park(until deadline: Deadline = .never, since ticket: Ticket? = nil) -> UInt32 {
        let id = waits.begin(.reader)
        let wake = waits.park(1, as: .reader, id: id, for: .readable, since: ticket ?? waits.ticket, until: deadline)
        #expect(wake == nil)
        return id
    }

    @Test mutating func `an event wakes the waiter once`() {
        _ = park()
        let first = waits.event(readable: true, writable: false, hangUp: false)
        let second = waits.event(readable: true, writable: false, hangUp: false)
        #expect(first == (1, nil))
        #expect(second == (nil, nil))
    }

    @Test mutating func `an event of the other kind does not wake`() {
        _ = park()
        let woken = waits.event(readable: false, writable: true, hangUp: false)
        #expect(woken == (nil, nil))
    }

    @Test mutating func `an event between the failed call and the wait is not lost`() {
        let ticket = waits.ticket
        _ = waits.event(readable: true, writable: false, hangUp: false)
        let id = waits.begin(.reader)
        let wake = waits.park(1, as: .reader, id: id, for: .readable, since: ticket, until: .never)
        #expect(wake == .ready)
        let woken = waits.event(readable: true, writable: false, hangUp: false)
        #expect(woken == (nil, nil))
    }

    @Test mutating func `a hang-up wakes readers and writers`() {
        _ = park()
        let id = waits.begin(.writer)
        _ = waits.park(2, as: .writer, id: id, for: .writable, since: waits.ticket, until: .never)
        let woken = waits.event(readable: false, writable: false, hangUp: true)
        #expect(woken == (1, 2))
        #expect(waits.ticket.isHungUp)
    }

    @Test mutating func `a writer may wait for readability beside a reader`() {
        _ = park()
        let id = waits.begin(.writer)
        _ = waits.park(2, as: .writer, id: id, for: .readable, since: waits.ticket, until: .never)
        let woken = waits.event(readable: true, writable: false, hangUp: false)
        #expect(woken == (1, 2))
    }

    @Test mutating func `a cancellation before the suspension is remembered`() {
        let id = waits.begin(.reader)
        let early = waits.cancel(.reader, id: id)
        #expect(early == nil)
        let wake = waits.park(1, as: .reader, id: id, for: .readable, since: waits.ticket, until: .never)
        #expect(wake == .cancelled)
    }

    @Test mutating func `a late cancellation does not reach the next wait`() {
        let old = park()
        _ = waits.event(readable: true, writable: false, hangUp: false)
        _ = park()
        let late = waits.cancel(.reader, id: old)
        #expect(late == nil)
        let woken = waits.event(readable: true, writable: false, hangUp: false)
        #expect(woken == (1, nil))
    }

    @Test mutating func `only the wait that is due expires`() {
        _ = park(until: deadline(-1))
        let later = deadline(100)
        let id = waits.begin(.writer)
        _ = waits.park(2, as: .writer, id: id, for: .writable, since: waits.ticket, until: later)
        let (woken, next) = waits.expire(at: .now)
        #expect(woken == (1, nil))
        #expect(next == later)
    }

    @Test mutating func `after an expiry neither event nor cancellation finds anybody`() {
        let id = park(until: deadline(-1))
        _ = waits.expire(at: .now)
        let cancelled = waits.cancel(.reader, id: id)
        let woken = waits.event(readable: true, writable: true, hangUp: true)
        #expect(cancelled == nil)
        #expect(woken == (nil, nil))
    }

    @Test(arguments: [true, false]) mutating func `a wait that begins too late ends at once`(isReady: Bool) {
        let ticket = waits.ticket
        if isReady { _ = waits.event(readable: true, writable: false, hangUp: false) }
        let id = waits.begin(.reader)
        let wake = waits.park(
            1, as: .reader, id: id, for: .readable, since: ticket, until: deadline(-1), isLate: true)
        #expect(wake == .deadline)
        _ = park()
    }

    @Test mutating func `closing wakes everybody, and later waits end at once`() {
        _ = park()
        let woken = waits.close()
        #expect(woken == (1, nil))
        let id = waits.begin(.reader)
        let wake = waits.park(1, as: .reader, id: id, for: .readable, since: waits.ticket, until: .never)
        #expect(wake == .closed)
    }
}

@Suite struct TimerHeapTests {
    @Test func `gives entries in order, without those that were removed`() {
        var generator = SeededGenerator(state: 7)
        var heap = TimerHeap<Int>()
        let start = Deadline.now
        var live: [(deadline: Deadline, id: TimerHeap<Int>.ID, value: Int)] = []
        for value in 0..<3000 {
            let deadline = start.advanced(by: .milliseconds(Int.random(in: 0..<500, using: &generator)))
            live.append((deadline, heap.insert(value, at: deadline), value))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                let gone = live.remove(at: Int.random(in: 0..<live.count, using: &generator))
                #expect(heap.remove(gone.id) == gone.value)
                #expect(heap.remove(gone.id) == nil)
            }
        }
        #expect(heap.next == live.map(\.deadline).min())
        var last = start
        var seen: Set<Int> = []
        let byValue = Dictionary(uniqueKeysWithValues: live.map { ($0.value, $0.deadline) })
        while let next = heap.next, let value = heap.popDue(at: .never) {
            #expect(byValue[value] == next)
            #expect(last <= next)
            last = next
            seen.insert(value)
        }
        #expect(seen == Set(byValue.keys))
        #expect(heap.count == 0)
    }

    @Test func `an old name does not reach the entry that took its slot`() {
        var heap = TimerHeap<String>()
        let old = heap.insert("old", at: .now)
        _ = heap.popDue(at: .never)
        _ = heap.insert("new", at: .now)
        #expect(heap.remove(old) == nil)
        #expect(heap.count == 1)
    }

    @Test func `nothing is due before its time`() {
        var heap = TimerHeap<Int>()
        let moment = Deadline.after(.seconds(100))
        _ = heap.insert(1, at: moment)
        #expect(heap.popDue(at: .now) == nil)
        #expect(heap.popDue(at: moment) == 1)
    }
}

@Suite struct SlotTableTests {
    @Test func `a name is not used twice`() {
        var table = SlotTable<String>()
        let first = table.reserve()
        table[first] = "first"
        table.remove(first)
        let second = table.reserve()
        table[second] = "second"
        #expect(first != second)
        #expect(table[first] == nil)
        #expect(table[second] == "second")
        table[first] = "late"
        table.remove(first)
        #expect(table[second] == "second")
        #expect(table.count == 1)
    }

    @Test(arguments: [UInt64.max, 1 << 32, 5]) func `a foreign name finds nothing`(name: UInt64) {
        var table = SlotTable<Int>()
        table[table.reserve()] = 1
        #expect(table[name] == nil)
    }
}

@Suite struct DeadlineTests {
    @Test func `what is too far away is never`() {
        #expect(Deadline.after(.seconds(Int64.max)) == .never)
        #expect(Deadline.never.advanced(by: .seconds(-5)) == .never)
        #expect(Deadline.never.remaining == nil)
        #expect(!Deadline.never.hasPassed)
    }

    @Test func `the earlier one counts`() {
        let near = Deadline.after(.seconds(1))
        #expect(near.earlier(of: .never) == near)
        #expect(Deadline.after(.seconds(-1)).hasPassed)
        #expect(Deadline.after(.seconds(-1)).remaining == .zero)
    }
}

@Suite struct RecentlyUsedTests {
    @Test func `forgets what was not used for longest`() {
        var cache = RecentlyUsed<String, Int>(capacity: 2)
        cache["a"] = 1
        cache["b"] = 2
        _ = cache["a"]
        cache["c"] = 3
        let found = [cache["a"], cache["b"], cache["c"]]
        #expect(found == [1, nil, 3])
        #expect(cache.count == 2)
    }
}
