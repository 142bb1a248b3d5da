import Accounts
import Events
import HTTPServer
import Logging
import Nodes
import Outbox
import ServiceLifecycle
import Store
import Sync
import Webhooks

/// Serves until the shutdown begins, then drains.
struct HTTPService: Service {
    let server: HTTPServer
    let events: EventService
    /// Called once signals are caught: whoever reads that we listen may stop us the next moment.
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            server.shutdown()
            // They never end by themselves: the drain is for requests that do.
            events.close()
        }
    }
}

/// Sends mail until the shutdown begins, then finishes what is on the wire.
struct DeliveryService: Service {
    let worker: DeliveryWorker

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await worker.run()
        } onGracefulShutdown: {
            worker.stop()
        }
    }
}

/// Reads what comes back of sent mail, until the shutdown begins.
struct OutcomeService: Service {
    let worker: OutcomeWorker

    func run() async throws {
        await cancelWhenGracefulShutdown { await worker.run() }
    }
}

/// Delivers events to webhooks until the shutdown begins, then waits a moment for the answers under way.
struct WebhookDeliveryService: Service {
    let dispatcher: WebhookDispatcher

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await dispatcher.run()
        } onGracefulShutdown: {
            dispatcher.stop()
        }
    }
}

/// Keeps accounts in step with their servers until the shutdown begins, then hands them over.
struct SyncService: Service {
    /// Nil in a process that only answers requests.
    let engine: SyncEngine?
    let keeper: NodeKeeper

    func run() async throws {
        guard let engine else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown { await engine.run() }
        await keeper.handOver()
    }
}

/// Tells the other nodes that this one lives, until nothing of its own is left to be told of.
struct NodeService: Service {
    let keeper: NodeKeeper

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeper.run() }
    }
}

/// Looks for events that other processes have written.
struct EventWatch: Service {
    let events: EventService

    func run() async throws {
        await cancelWhenGracefulShutdown { await events.poll() }
    }
}

/// Removes from the store what has outlived its time.
struct Housekeeping: Service {
    let store: MailStore
    let directory: AccountDirectory
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await store.sweep()
                    try await directory.renewIdleTokens()
                } catch {
                    logger.warning("the store could not be swept", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(300))
            }
        }
    }
}
