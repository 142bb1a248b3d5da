import Model
import Representation
package import Webhooks
import Wire

extension WebhookDraft {
    /// Reads the body of `createWebhook`; what a URL, a type or a secret may be, the engine says.
    package static func read(_ reader: inout ObjectReader) -> WebhookDraft? {
        let url = reader.required("url")?.line()
        let description = reader.optional("description")?.string(maximum: Limits.line)
        let types = reader.optional("types")?.array { $0.line() }
        let accounts = reader.optional("accounts")?.array { AccountID.read($0) }
        let include = reader.optional("include")?.array { $0.choice(of: WebhookInclude.self) }
        let filter = reader.optional("filter")?.object(WebhookFilter.read)
        let isOrdered = reader.optional("ordered")?.bool()
        let secret = reader.optional("secret")?.line().map { Secret($0) }
        guard let url else { return nil }
        return WebhookDraft(
            settings: WebhookSettings(
                url: url, description: description, types: types, accounts: accounts.map { Set($0) },
                include: Set(include ?? []), filter: filter, isOrdered: isOrdered ?? false), secret: secret)
    }
}

extension WebhookFilter {
    static func read(_ reader: inout ObjectReader) -> WebhookFilter? {
        WebhookFilter(
            mailboxID: reader.optional("mailboxId")?.line().map(MailboxID.init(rawValue:)),
            mailboxRole: reader.optional("mailboxRole")?.choice(of: MailboxRole.self),
            from: reader.optional("from")?.line(), subject: reader.optional("subject")?.line(),
            hasAttachment: reader.optional("hasAttachment")?.bool(), keyword: reader.optional("keyword")?.line())
    }
}

extension WebhookPatch {
    /// Reads a merge patch (RFC 7396) of a webhook.
    package static func read(_ reader: inout ObjectReader) -> WebhookPatch? {
        var patch = WebhookPatch()
        patch.url = reader.member("url")?.line()
        patch.description = reader.member("description").flatMap { $0.removable { $0.string(maximum: Limits.line) } }
        patch.types = reader.member("types").flatMap { $0.removable { $0.array { $0.line() } } }
        patch.accounts = reader.member("accounts").flatMap {
            $0.removable { $0.array { AccountID.read($0) }.map { Set($0) } }
        }
        patch.include = reader.member("include").flatMap {
            $0.removable { $0.array { $0.choice(of: WebhookInclude.self) }.map { Set($0) } }
        }
        patch.filter = reader.member("filter").flatMap { $0.removable { $0.object(WebhookFilter.read) } }
        patch.isOrdered = reader.member("ordered")?.bool()
        patch.isEnabled = reader.member("state")?.choice(of: Switch.self).map { $0 == .enabled }
        if reader.member("secret") != nil { reader.fail("secret", "is changed by rotate-secret") }
        for name in [
            "id", "disabledReason", "endpoint", "position", "previousSecretExpiresAt", "createdAt", "updatedAt",
        ] where reader.member(name) != nil {
            reader.fail(name, "cannot be changed")
        }
        return patch
    }

    private enum Switch: String, CaseIterable {
        case enabled
        case disabled
    }
}

/// The body of `replayWebhook`.
struct ReplayRequest {
    let after: Int64

    static func read(_ reader: inout ObjectReader) -> ReplayRequest? {
        reader.required("after")?.integer(0...Int.max).map { ReplayRequest(after: Int64($0)) }
    }
}
