import Store
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventSignalTests {
    @Test func `a ring wakes everybody who waits`() async {
        let signal = EventSignal()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await signal.wait(after: 0) } }
            group.addTask { signal.ring() }
        }
        #expect(signal.rings == 1)
    }

    @Test func `a ring before the wait is not lost`() async {
        let signal = EventSignal()
        let seen = signal.rings
        signal.ring()
        await signal.wait(after: seen)
        await signal.wait(after: seen, until: .now + .seconds(3600))
    }

    @Test func `the time ends a wait`() async {
        let signal = EventSignal()
        await signal.wait(after: 0, until: .now)
        #expect(signal.rings == 0)
    }

    @Test func `cancelling ends a wait, begun or not`() async {
        let signal = EventSignal()
        for _ in 0..<100 {
            let waiter = Task { await signal.wait(after: signal.rings, until: .now + .seconds(3600)) }
            waiter.cancel()
            await waiter.value
        }
        #expect(signal.rings == 0)
    }

    @Test func `one who reads and waits sees every number that a writer publishes`() async {
        let signal = EventSignal()
        let published = Counter()
        async let last = Task {
            var seen = 0
            while seen < 2000 {
                let rings = signal.rings
                seen = await published.value
                if seen < 2000 { await signal.wait(after: rings) }
            }
            return seen
        }.value
        for _ in 0..<2000 {
            await published.add()
            signal.ring()
        }
        #expect(await last == 2000)
    }
}

private actor Counter {
    private(set) var value = 0
    func add() { value += 1 }
}
