import Database
import Logging
import Model
import Representation
import Store
import Synchronization
import TestDatabases
import Testing
import Webhooks

/// A store, its log, and a dispatcher whose requests go to a closure.
struct DispatcherFixture: Sendable {
    let store: MailStore
    let database: any SQLDatabase
    let receiver: Receiver

    static func with(
        _ fixture: DatabaseFixture = .sqlite, _ body: (DispatcherFixture) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await body(DispatcherFixture(store: store, database: database, receiver: Receiver()))
        }
    }

    func dispatcher(
        content: @escaping WebhookContentSource = { _, _, _, _ in throw CancellationError() }
    ) -> WebhookDispatcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let receiver = receiver
        return WebhookDispatcher(
            store: store, node: "n", window: 32, userAgent: "test",
            send: { request, _ in await receiver.receive(request) },
            content: content, logger: logger)
    }

    /// Runs a dispatcher while `body` lasts, and stops it.
    func running(_ dispatcher: WebhookDispatcher, _ body: (WebhookDispatcher) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.run() }
            try await body(dispatcher)
            dispatcher.stop()
            // What hangs is not waited for.
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @discardableResult
    func append(_ drafts: [EventDraft]) async throws -> [Event] {
        let store = store
        let events = try await database.write { sql in try store.events.append(drafts, at: .now(), in: sql) }
        store.events.committed(events)
        // With the places that they got.
        var placed: [Event] = []
        for event in events { if let event = try await store.events.event(event.id) { placed.append(event) } }
        return placed
    }

    @discardableResult
    func append(_ type: EventType = .accountUpdated, of account: String = "a", count: Int = 1) async throws -> [Event] {
        try await append(
            (0..<count).map { number in
                EventDraft(type, of: AccountID(rawValue: account), data: Array(#"{"n":\#(number)}"#.utf8))
            })
    }

    func states(_ webhook: String) async throws -> [WebhookDeliveryState] {
        let page = try await store.deliveries.list(
            of: WebhookID(rawValue: webhook), state: nil, before: nil, limit: 500)
        return page.data.map(\.state)
    }

    /// How many deliveries somebody has taken.
    func claimed() async throws -> Int64 {
        try await database.read { sql in
            try sql.first("SELECT COUNT(*) AS count FROM webhook_deliveries WHERE locked_by IS NOT NULL")?
                .integer("count") ?? 0
        }
    }

    /// Waits until so many deliveries of the webhook are in that state, as the store has it.
    func until(_ webhook: String, _ state: WebhookDeliveryState, count: Int) async throws {
        let patience = ContinuousClock.now + .seconds(60)
        while true {
            let page = try await store.deliveries.list(
                of: WebhookID(rawValue: webhook), state: state, before: nil, limit: 500)
            if page.data.count >= count { return }
            guard ContinuousClock.now < patience else {
                throw NotReached(state: state, found: page.data.count, wanted: count)
            }
            await Task.yield()
        }
    }

    struct NotReached: Error {
        let state: WebhookDeliveryState
        let found: Int
        let wanted: Int
    }
}

/// What endpoints received, and what they answer.
final class Receiver: Sendable {
    private struct State {
        var requests: [WebhookRequest] = []
        var answer: @Sendable (WebhookRequest, Int) -> AttemptOutcome? = { _, _ in
            .answered(status: 200, retryAfter: nil)
        }
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var requests: [WebhookRequest] { state.withLock { $0.requests } }

    /// Nil hangs until it is cancelled; the number counts the requests from 1.
    func answer(_ answer: @escaping @Sendable (WebhookRequest, Int) -> AttemptOutcome?) {
        state.withLock { $0.answer = answer }
    }

    func receive(_ request: WebhookRequest) async -> AttemptOutcome {
        let (number, answer) = state.withLock { state in
            state.requests.append(request)
            return (state.requests.count, state.answer)
        }
        let due = state.withLock { state in
            let due = state.waiters.filter { $0.count <= state.requests.count }
            state.waiters.removeAll { $0.count <= state.requests.count }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
        if let outcome = answer(request, number) { return outcome }
        // Longer than any test; cancellation ends it.
        try? await ContinuousClock().sleep(for: .seconds(3600))
        return .interrupted
    }

    /// Waits for so many requests in all.
    func until(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

extension WebhookRequest {
    var id: String { fields.first { $0.name == "webhook-id" }?.value ?? "" }

    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }

    var sequence: Int64 {
        if case .number(let text)? = json["sequence"] { Int64(text) ?? -1 } else { -1 }
    }
}
