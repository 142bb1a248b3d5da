import HTTP
import Model
import Store
import Wire

/// One attempt: the body made, signed and sent.
struct Attempt: Sendable {
    let send: WebhookSender
    let content: WebhookContentSource
    let userAgent: String

    func make(_ event: Event, to stored: StoredWebhook) async -> AttemptOutcome {
        let body = await body(of: event, for: stored.webhook.settings)
        return await make(id: event.id, body, to: stored)
    }

    func make(id: EventID, _ body: [UInt8], to stored: StoredWebhook) async -> AttemptOutcome {
        guard let url = try? HTTPURL(stored.webhook.settings.url) else {
            return .unanswered(WebhookFault(code: "url", text: "the URL cannot be called"))
        }
        let now = Timestamp.now()
        var fields = WebhookSignature.fields(
            id: id, at: now, body: body, secrets: stored.secrets.signing(at: now))
        fields.append(("Content-Type", "application/json"))
        fields.append(("User-Agent", userAgent))
        return await send(
            WebhookRequest(url: url, fields: fields, body: body), .now + Limits.attemptTime)
    }

    private func body(of event: Event, for settings: WebhookSettings) async -> [UInt8] {
        guard !settings.include.isEmpty, let message = DeliveryBody.message(of: event) else {
            return DeliveryBody.plain(event)
        }
        // The event is never held back by a mail server: what cannot be read now is said to be missing.
        do {
            switch try await content(message.id, message.account, settings.include, .now + Limits.fetchTime) {
            case .message(let found):
                return DeliveryBody.with(found, problem: nil, settings.include, of: event)
            case .gone: return DeliveryBody.with(nil, problem: "message-gone", settings.include, of: event)
            }
        } catch {
            return DeliveryBody.with(nil, problem: "content-unavailable", settings.include, of: event)
        }
    }
}
