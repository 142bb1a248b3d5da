package import Logging
package import Model
package import Store
import Synchronization

/// Keeps this process alive in the eyes of the others, and sees which of them have died.
package final class NodeKeeper: Sendable {
    /// What the rest of the program has to know.
    package enum Change: Sendable {
        /// It counts as alive again: what it has it may keep, what is free it may take.
        case certain
        /// It could not say for too long that it lives: it must let go of all it has leased, at once.
        case uncertain
        /// The others took it for dead: nothing is its own any more.
        case struckOut
        /// Others seal with a key that it does not have: it left, and must let go of all until it is `certain`.
        case keyless
        /// Others died: what they had is free.
        case othersDied
    }

    private let store: MailStore
    private let facts: Mutex<NodeFacts>
    private let standing: NodeStanding
    private let logger: Logger
    private let handler = Mutex<@Sendable (Change) async -> Void>({ _ in })

    package init(store: MailStore, standing: NodeStanding, host: String, version: String, syncs: Bool, logger: Logger) {
        self.store = store
        self.standing = standing
        self.logger = logger
        facts = Mutex(NodeFacts(id: standing.id, host: host, version: version, isSyncing: syncs))
    }

    package func onChange(_ handler: @escaping @Sendable (Change) async -> Void) {
        self.handler.withLock { $0 = handler }
    }

    /// Enters the list; before anything is taken in this node's name.
    package func join() async throws {
        // A file has one process: whoever is in the list is gone.
        if !store.nodes.areMany { try await store.nodes.clear() }
        let begun = ContinuousClock.now
        _ = try await store.nodes.beat(facts.withLock { $0 }, for: Limits.life)
        standing.confirm(until: begun + Limits.life - Limits.margin)
        store.tell(.leases)
    }

    /// All nodes that live, the longest running first.
    package func nodes() async throws -> [NodeStatus] {
        try await store.nodes.list().map { node in
            var node = node
            node.isSelf = node.id == standing.id
            return node
        }
    }

    /// Says that it lives, until cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.beat() }
            group.addTask { await self.watch() }
        }
    }

    /// Gives its accounts to the others and takes none any more: the node begins to stop.
    package func handOver() async {
        facts.withLock { $0.isSyncing = false }
        do {
            try await store.nodes.handOver(standing.id)
            store.tell(.leases)
        } catch {
            logger.warning("the node could not hand its accounts over", metadata: ["error": "\(error)"])
        }
    }

    /// Leaves the list and gives everything back; after all who took something have stopped.
    package func leave() async {
        standing.lose()
        do {
            try await store.nodes.leave(standing.id)
            store.tell(.leases)
        } catch {
            logger.warning("the node could not leave in order", metadata: ["error": "\(error)"])
        }
    }

    private func beat() async {
        var beatAt = ContinuousClock.now + Limits.heartbeat
        var isKeyless = false
        while !Task.isCancelled {
            var next = ContinuousClock.now + Limits.lookInterval
            do {
                let begun = ContinuousClock.now
                if begun >= beatAt || !standing.isCertain && !isKeyless {
                    let wasCertain = standing.isCertain
                    let wasKnown = try await store.nodes.beat(facts.withLock { $0 }, for: Limits.life)
                    standing.confirm(until: begun + Limits.life - Limits.margin)
                    beatAt = begun + Limits.heartbeat
                    if isKeyless {
                        isKeyless = false
                        logger.notice("the node can open the data keys again", metadata: ["node": "\(standing.id)"])
                        await tell(.certain)
                    } else if !wasKnown {
                        logger.warning("the other nodes took this one for dead", metadata: ["node": "\(standing.id)"])
                        await tell(.struckOut)
                    } else if !wasCertain {
                        await tell(.certain)
                    }
                }
                // A file has one process: nobody else can die.
                let dead = store.nodes.areMany && !isKeyless ? try await store.nodes.reap() : []
                if !dead.isEmpty {
                    logger.notice("nodes have died", metadata: ["nodes": "\(dead)"])
                    await tell(.othersDied)
                    store.tell(.leases)
                }
            } catch StoreError.wrongMasterKey {
                standing.lose()
                logger.error(
                    """
                    the secret key was replaced and this node does not have the new one: it takes nothing until it does; \
                    put the key into its file, or start it anew with it
                    """, metadata: ["node": "\(standing.id)"])
                if !isKeyless {
                    isKeyless = true
                    await tell(.keyless)
                }
                beatAt = .now + Limits.heartbeat
            } catch {
                logger.warning("the node cannot say that it lives", metadata: ["error": "\(error)"])
                next = .now + Limits.retry
            }
            try? await ContinuousClock().sleep(until: min(next, max(beatAt, .now + Limits.retry)))
        }
    }

    /// Sees the end of certainty, also while a heartbeat hangs.
    private func watch() async {
        var wasCertain = true
        while !Task.isCancelled {
            let isCertain = standing.isCertain
            if wasCertain, !isCertain {
                logger.warning("the node lets go of its accounts: it cannot say that it lives")
                await tell(.uncertain)
            }
            wasCertain = isCertain
            try? await ContinuousClock().sleep(until: max(standing.end ?? .now, .now) + .milliseconds(100))
        }
    }

    private func tell(_ change: Change) async { await handler.withLock { $0 }(change) }
}
