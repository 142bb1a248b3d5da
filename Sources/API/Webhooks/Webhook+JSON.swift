package import Model
package import Representation
import Webhooks
import Wire

extension Webhook: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("url", settings.url)
        writer.member("description", settings.description)
        writer.member("types", optionalArray: settings.types)
        writer.member("accounts", optionalArray: settings.accounts?.sorted())
        writer.member("include", array: settings.include.sorted().map(\.rawValue))
        writer.member("filter", settings.filter)
        writer.member("ordered", settings.isOrdered)
        switch state {
        case .enabled:
            writer.member("state", "enabled")
            writer.member("disabledReason", nil as String?)
        case .switchedOff(let reason):
            writer.member("state", "disabled")
            writer.member("disabledReason", reason.rawValue)
        }
        writer.member("endpoint", health)
        writer.member("position", Int(position))
        writer.member("previousSecretExpiresAt", previousSecretExpiresAt)
        writer.member("createdAt", createdAt)
        writer.member("updatedAt", updatedAt)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, optionalArray elements: [some JSONWritable]?) {
        if let elements { member(name, array: elements) } else { member(name, nil as Bool?) }
    }
}

extension WebhookFilter: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let mailboxID { writer.member("mailboxId", mailboxID) }
            if let mailboxRole { writer.member("mailboxRole", mailboxRole.rawValue) }
            if let from { writer.member("from", from) }
            if let subject { writer.member("subject", subject) }
            if let hasAttachment { writer.member("hasAttachment", hasAttachment) }
            if let keyword { writer.member("keyword", keyword) }
        }
    }
}

extension WebhookHealth: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            let state =
                openUntil != nil ? "paused" : failures > 0 ? "failing" : lastSuccessAt == nil ? "unknown" : "healthy"
            writer.member("state", state)
            writer.member("consecutiveFailures", failures)
            writer.member("retryAt", openUntil)
            writer.member("lastStatus", lastStatus)
            writer.member("lastError", lastError)
            writer.member("lastSuccessAt", lastSuccessAt)
            writer.member("lastFailureAt", lastFailureAt)
        }
    }
}

extension WebhookFault: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("text", text)
        }
    }
}

extension WebhookDelivery: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id.description)
            writer.member("eventId", eventID.rawValue)
            writer.member("sequence", Int(sequence))
            writer.member("type", type.rawValue)
            writer.member("accountId", accountID)
            writer.member("state", state.rawValue)
            writer.member("attempts", attempts)
            writer.member("nextAttemptAt", nextAttemptAt)
            writer.member("lastAttemptAt", lastAttemptAt)
            writer.member("lastStatus", lastStatus)
            writer.member("lastError", lastError)
            writer.member("createdAt", createdAt)
        }
    }
}

extension WebhookTestResult: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("ok", fault == nil)
            writer.member("eventId", eventID.rawValue)
            writer.member("status", status)
            writer.member("error", fault)
            writer.member("durationMs", Int(duration / .milliseconds(1)))
        }
    }
}

/// A webhook with its secret: what creating and rotating answer, and nothing else does.
struct WebhookWithSecret: JSONWritable {
    let webhook: Webhook
    let secret: Secret

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            webhook.writeMembers(to: &writer)
            writer.member("secret", secret.revealed)
        }
    }
}
