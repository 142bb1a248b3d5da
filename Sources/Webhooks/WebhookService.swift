package import Model
import Representation
package import Store
package import Wire

/// The verbs on webhooks.
package struct WebhookService: Sendable {
    private let store: MailStore
    private let rules: WebhookRules
    private let attempt: Attempt
    /// Called when a webhook or a delivery was changed.
    private let changed: @Sendable () -> Void

    package init(store: MailStore, rules: WebhookRules, dispatcher: WebhookDispatcher) {
        self.store = store
        self.rules = rules
        attempt = dispatcher.attempt
        changed = {
            dispatcher.webhooksChanged()
            store.tell(.webhooks)
        }
    }

    /// Makes a webhook that gets what happens from now on; its secret is in the answer and never again anywhere.
    package func create(_ draft: WebhookDraft) async throws -> (webhook: Webhook, secret: Secret) {
        var faults = rules.faults(of: draft.settings)
        if let secret = draft.secret, WebhookSecret.key(of: secret) == nil {
            faults.append(
                FieldFault(pointer: "/secret", detail: "must be whsec_ and the base64 of 24 to 64 octets"))
        }
        guard faults.isEmpty else { throw WebhookError.invalid(faults) }
        let secret = draft.secret ?? WebhookSecret.make()
        let now = Timestamp.now()
        let webhook = Webhook(
            id: WebhookID(rawValue: IdentifierGenerator.make(prefix: "whk")), settings: draft.settings,
            position: try await store.events.ends().newest, createdAt: now, updatedAt: now, revision: 1)
        try await store.webhooks.insert(StoredWebhook(webhook: webhook, secrets: WebhookSecrets(current: secret)))
        changed()
        return (webhook, secret)
    }

    /// Oldest first.
    package func list(limit: Int, cursor: String?) async throws -> Page<Webhook> {
        let place = try cursor.map { (text) throws(WebhookError) in
            guard let place = PageCursor(text) else { throw .staleCursor }
            return place
        }
        return try await store.webhooks.list(after: place, limit: limit)
    }

    package func webhook(_ id: WebhookID) async throws -> Webhook { try await stored(id).webhook }

    /// Merges the patch in; where it leads elsewhere or enables the webhook, what failed before is forgotten.
    ///
    /// Without `ifRevision` a change that came between is merged with, not overwritten.
    package func update(_ id: WebhookID, with patch: WebhookPatch, ifRevision: Int64?) async throws -> Webhook {
        try await change(id, ifRevision: ifRevision) { stored throws(WebhookError) in
            let before = stored.webhook
            stored.webhook.settings = patch.applied(to: before.settings)
            if let isEnabled = patch.isEnabled, isEnabled != before.state.isEnabled {
                stored.webhook.state = isEnabled ? .enabled : .switchedOff(.request)
            }
            let faults = rules.faults(of: stored.webhook.settings)
            guard faults.isEmpty else { throw .invalid(faults) }
            let isEnabledAgain = stored.webhook.state.isEnabled && !before.state.isEnabled
            return isEnabledAgain || stored.webhook.settings.url != before.settings.url
        }
    }

    /// Removes the webhook with its deliveries.
    package func delete(_ id: WebhookID, ifRevision: Int64?) async throws {
        guard try await store.webhooks.delete(id, ifRevision: ifRevision) else {
            throw WebhookError.revisionMismatch(current: try await webhook(id).revision)
        }
        changed()
    }

    /// Makes another secret; the one before signs too for a day, so that receivers can change over.
    package func rotateSecret(_ id: WebhookID) async throws -> (webhook: Webhook, secret: Secret) {
        let secret = WebhookSecret.make()
        let webhook = try await change(id, ifRevision: nil) { stored throws(WebhookError) in
            let secrets = stored.secrets.rotated(to: secret, now: .now())
            stored.secrets = secrets
            stored.webhook.previousSecretExpiresAt = secrets.previous.map(\.until).max()
            return false
        }
        return (webhook, secret)
    }

    /// Sends an event of the type `webhook.test` to this endpoint now, whatever its state, and says what it answered.
    package func test(_ id: WebhookID) async throws -> WebhookTestResult {
        let stored = try await stored(id)
        let event = EventID(rawValue: IdentifierGenerator.make(prefix: "evt"))
        let start = ContinuousClock.now
        let outcome = await attempt.make(id: event, Self.testBody(event, of: id), to: stored)
        let duration = ContinuousClock.now - start
        let verdict = Verdict(of: outcome, attempts: 0, createdAt: .now(), now: .now(), random: 0.5)
        return switch verdict.outcome {
        case .delivered(let status):
            WebhookTestResult(eventID: event, status: status, fault: nil, duration: duration)
        case .retry(_, let status, let fault), .failed(let status, let fault):
            WebhookTestResult(eventID: event, status: status, fault: fault, duration: duration)
        case .released:
            WebhookTestResult(
                eventID: event, status: nil,
                fault: WebhookFault(code: "not-sent", text: "nothing was sent; try again"), duration: duration)
        }
    }

    /// Newest first.
    package func deliveries(
        of id: WebhookID, state: WebhookDeliveryState?, limit: Int, cursor: String?
    ) async throws -> Page<WebhookDelivery> {
        _ = try await stored(id)
        let before = try cursor.map { (text) throws(WebhookError) in
            guard let place = WebhookDeliveryID(text) else { throw .staleCursor }
            return place.sequence
        }
        return try await store.deliveries.list(of: id, state: state, before: before, limit: limit)
    }

    /// Sends an event again, under the same id; one that still waits is tried now.
    package func redeliver(_ delivery: String, of id: WebhookID) async throws -> WebhookDelivery {
        _ = try await stored(id)
        guard let place = WebhookDeliveryID(delivery),
            let result = try await store.deliveries.redeliver(place, of: id)
        else { throw WebhookError.deliveryNotFound(delivery) }
        changed()
        return result
    }

    /// Sends everything behind a place in the log again, as the webhook wants it now.
    package func replay(_ id: WebhookID, after place: Int64) async throws -> Webhook {
        let position = try await stored(id).webhook.position
        let ends = try await store.events.ends()
        guard place >= ends.oldest - 1 else {
            throw WebhookError.invalid([
                FieldFault(pointer: "/after", detail: "is before the oldest event that is kept, \(ends.oldest)")
            ])
        }
        guard place <= ends.newest else {
            throw WebhookError.invalid([
                FieldFault(pointer: "/after", detail: "is behind the newest event, \(ends.newest)")
            ])
        }
        // What lies behind the webhook's own place comes anyway.
        if place < position {
            guard try await store.webhooks.rewind(id, to: place) else { return try await replay(id, after: place) }
            changed()
        }
        return try await webhook(id)
    }

    private func stored(_ id: WebhookID) async throws -> StoredWebhook {
        guard let stored = try await store.webhooks.webhook(id) else { throw WebhookError.notFound(id) }
        return stored
    }

    /// Stores what `edit` makes of the webhook; it says whether the endpoint's health is to be forgotten.
    private func change(
        _ id: WebhookID, ifRevision: Int64?, _ edit: (inout StoredWebhook) throws(WebhookError) -> Bool
    ) async throws -> Webhook {
        for _ in 0..<Limits.updateAttempts {
            let before = try await stored(id)
            let revision = before.webhook.revision
            if let ifRevision, ifRevision != revision { throw WebhookError.revisionMismatch(current: revision) }
            var after = before
            let resetsHealth = try edit(&after)
            guard after != before else { return before.webhook }
            after.webhook.updatedAt = .now()
            after.webhook.revision = revision + 1
            if try await store.webhooks.update(after, ifRevision: revision, resetsHealth: resetsHealth) {
                changed()
                return try await webhook(id)
            }
        }
        throw WebhookError.revisionMismatch(current: try await webhook(id).revision)
    }

    /// An event's envelope that stands in no log: its sequence is 0.
    private static func testBody(_ event: EventID, of id: WebhookID) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", event.rawValue)
            writer.member("sequence", 0)
            writer.member("type", "webhook.test")
            writer.member("timestamp", Timestamp.now())
            writer.member("accountId", nil as String?)
            writer.member("data", object: { $0.member("webhookId", id.rawValue) })
        }
        return writer.bytes
    }
}
