package import Logging
import Model
package import Store
import Synchronization

/// Follows the event log and delivers to every endpoint what its webhook wants.
///
/// Everything durable happens in turns, one transaction each: what became of attempts, what the log brought, what is taken next. A
/// crash at any moment leaves claims whose attempts are made again, under the event's own id: at least once, never lost.
package final class WebhookDispatcher: Sendable {
    /// An attempt that is over.
    struct Completion: Sendable {
        let beginning: Beginning
        let outcome: AttemptOutcome
    }

    let store: MailStore
    let attempt: Attempt
    let logger: Logger
    let owner: String
    let window: Int
    /// Rung when there is something to do: an attempt ended, a webhook changed, the log grew, the stop.
    let bell = EventSignal()
    /// What attempts came to so far.
    package let counts = WebhookCounts()
    private let completions = Mutex<[Completion]>([])
    private let hasChanges = Atomic(true)
    private let hasDied = Atomic(false)
    private let isStopping = Atomic(false)
    private let isResting = Atomic(false)

    /// `window` bounds the deliveries under way to one endpoint.
    package init(
        store: MailStore, node: String, window: Int, userAgent: String, send: @escaping WebhookSender,
        content: @escaping WebhookContentSource, logger: Logger
    ) {
        self.store = store
        owner = node
        self.window = window
        attempt = Attempt(send: send, content: content, userAgent: userAgent)
        self.logger = logger
    }

    /// To be called when a webhook or a delivery was changed in the store.
    package func webhooksChanged() {
        hasChanges.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Other nodes have died: what they had claimed is looked for now.
    package func nodesDied() {
        hasDied.store(true, ordering: .releasing)
        webhooksChanged()
    }

    func takeDeaths() -> Bool { hasDied.exchange(false, ordering: .acquiringAndReleasing) }

    /// This node cannot open what is in the store: it begins nothing and gives back what it has not begun, until `resume`.
    package func suspend() {
        isResting.store(true, ordering: .releasing)
        bell.ring()
    }

    package func resume() {
        isResting.store(false, ordering: .releasing)
        webhooksChanged()
    }

    var isSuspended: Bool { isResting.load(ordering: .acquiring) }

    /// Begins nothing more; `run` returns when attempts under way are over, a few seconds later at most.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        bell.ring()
    }

    var mustStop: Bool { isStopping.load(ordering: .acquiring) || Task.isCancelled }

    func takeChanges() -> Bool { hasChanges.exchange(false, ordering: .acquiringAndReleasing) }

    func takeCompletions() -> [Completion] {
        completions.withLock { completions in
            defer { completions = [] }
            return completions
        }
    }

    /// Works until it is told to stop.
    package func run() async throws {
        let recovered = try await store.deliveries.recoverDead(besides: owner)
        if recovered > 0 {
            logger.notice("recovered interrupted webhook deliveries", metadata: ["count": "\(recovered)"])
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.followLog() }
            await work()
            // The log is followed for ever.
            group.cancelAll()
        }
    }

    private func followLog() async {
        let signal = store.events.signal
        while !mustStop {
            let seen = signal.rings
            bell.ring()
            await signal.wait(after: seen)
        }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            var turns = DispatchTurns(self)
            while !mustStop {
                let heard = bell.rings
                let (begun, next) = await turns.take()
                for beginning in begun { start(beginning, turns.event(of: beginning), in: &group) }
                if bell.rings == heard { await bell.wait(after: heard, until: next) }
            }
            await turns.giveBackReady()
            let end = ContinuousClock.now + Limits.stopGrace
            while turns.isBusy {
                if ContinuousClock.now >= end || Task.isCancelled { group.cancelAll() }
                let heard = bell.rings
                await turns.settle()
                guard turns.isBusy else { break }
                if group.isCancelled { await Task.yield() }
                await bell.wait(after: heard, until: group.isCancelled ? .now + .milliseconds(50) : end)
            }
        }
    }

    private func start(_ beginning: Beginning, _ event: Event?, in group: inout DiscardingTaskGroup) {
        group.addTask {
            let outcome = await self.outcome(of: beginning, event)
            self.completions.withLock { $0.append(Completion(beginning: beginning, outcome: outcome)) }
            self.bell.ring()
        }
    }

    private func outcome(of beginning: Beginning, _ known: Event?) async -> AttemptOutcome {
        var event = known
        if event == nil {
            do {
                event = try await store.events.events(at: [beginning.delivery.sequence]).first
            } catch {
                logger.error("an event cannot be read", metadata: ["error": "\(error)"])
                return .postponed
            }
        }
        guard let event else { return .eventGone }
        return await attempt.make(event, to: beginning.stored)
    }
}
