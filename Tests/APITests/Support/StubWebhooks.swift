import API
import Model
import Webhooks
import Wire

/// Webhooks beside the other stub engines: remembers calls with them, answers samples.
struct StubWebhooks: WebhookVerbs {
    let engines: StubEngines

    static let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    static let webhook: Webhook = {
        var webhook = Webhook(
            id: WebhookID(rawValue: "whk_1"),
            settings: WebhookSettings(
                url: "https://app.example.org/hook", description: "ours", types: ["message.*"],
                accounts: [AccountID(rawValue: "acc_1")], include: [.text, .headers],
                filter: WebhookFilter(mailboxID: MailboxID(rawValue: "m1"), from: "ada", hasAttachment: true),
                isOrdered: true),
            position: 12, createdAt: Timestamp(milliseconds: 1000), updatedAt: Timestamp(milliseconds: 2000),
            revision: 3)
        webhook.health = WebhookHealth(
            failures: 6, pauses: 2, openUntil: Timestamp(milliseconds: 9000), lastStatus: 500,
            lastError: WebhookFault(code: "status", text: "the endpoint answered 500"),
            lastFailureAt: Timestamp(milliseconds: 8000))
        webhook.state = .switchedOff(.gone)
        return webhook
    }()

    static let plain = Webhook(
        id: WebhookID(rawValue: "whk_2"), settings: WebhookSettings(url: "https://b.example/"), position: 0,
        createdAt: Timestamp(milliseconds: 1000), updatedAt: Timestamp(milliseconds: 1000), revision: 1)

    static let delivery = WebhookDelivery(
        webhookID: WebhookID(rawValue: "whk_1"), sequence: 7, eventID: EventID(rawValue: "evt_7"),
        type: .messageCreated, accountID: AccountID(rawValue: "acc_1"), state: .failed, attempts: 10,
        lastAttemptAt: Timestamp(milliseconds: 5000), lastStatus: 503,
        lastError: WebhookFault(code: "status", text: "the endpoint answered 503"),
        createdAt: Timestamp(milliseconds: 1000))

    func create(_ draft: WebhookDraft) async throws -> (webhook: Webhook, secret: Secret) {
        try engines.note("create webhook \(draft.settings.url)")
        return (Self.webhook, Self.secret)
    }

    func list(limit: Int, cursor: String?) async throws -> Page<Webhook> {
        try engines.note("webhooks limit \(limit) cursor \(cursor ?? "-")")
        return Page(data: [Self.webhook, Self.plain], nextCursor: cursor == nil ? "more" : nil)
    }

    func webhook(_ id: WebhookID) async throws -> Webhook {
        try engines.note("webhook \(id)")
        guard id == Self.webhook.id else { throw WebhookError.notFound(id) }
        return Self.webhook
    }

    func update(_ id: WebhookID, with patch: WebhookPatch, ifRevision: Int64?) async throws -> Webhook {
        try engines.note("update webhook \(id) if \(ifRevision.map(String.init) ?? "-")")
        if let ifRevision, ifRevision != Self.webhook.revision {
            throw WebhookError.revisionMismatch(current: Self.webhook.revision)
        }
        return Self.webhook
    }

    func delete(_ id: WebhookID, ifRevision: Int64?) async throws { try engines.note("delete webhook \(id)") }

    func rotateSecret(_ id: WebhookID) async throws -> (webhook: Webhook, secret: Secret) {
        try engines.note("rotate \(id)")
        return (Self.webhook, Self.secret)
    }

    func test(_ id: WebhookID) async throws -> WebhookTestResult {
        try engines.note("test \(id)")
        return WebhookTestResult(
            eventID: EventID(rawValue: "evt_t"), status: nil, fault: WebhookFault(code: "timed-out", text: "too slow"),
            duration: .milliseconds(1500))
    }

    func deliveries(
        of id: WebhookID, state: WebhookDeliveryState?, limit: Int, cursor: String?
    ) async throws -> Page<WebhookDelivery> {
        try engines.note("deliveries of \(id) state \(state?.rawValue ?? "-") limit \(limit)")
        if cursor == "stale" { throw WebhookError.staleCursor }
        return Page(data: [Self.delivery], nextCursor: nil)
    }

    func redeliver(_ delivery: String, of id: WebhookID) async throws -> WebhookDelivery {
        try engines.note("redeliver \(delivery) of \(id)")
        guard delivery == "dlv_7" else { throw WebhookError.deliveryNotFound(delivery) }
        return Self.delivery
    }

    func replay(_ id: WebhookID, after place: Int64) async throws -> Webhook {
        try engines.note("replay \(id) after \(place)")
        return Self.webhook
    }
}
