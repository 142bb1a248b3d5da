import HTTPServer
import Logging
import Outbox
import ServiceLifecycle
import Store
import Webhooks

/// Serves until the shutdown begins, then drains.
struct HTTPService: Service {
    let server: HTTPServer
    /// Called once signals are caught: whoever reads that we listen may stop us the next moment.
    let announce: @Sendable () -> Void

    func run() async throws {
        announce()
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            server.shutdown()
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

/// Removes from the store what has outlived its time.
struct Housekeeping: Service {
    let store: MailStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await store.sweep()
                } catch {
                    logger.warning("the store could not be swept", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(300))
            }
        }
    }
}
