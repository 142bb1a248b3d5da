import Database
package import Model
package import Wire

/// What a webhook signs with: the current secret, and earlier ones until they expire.
package struct WebhookSecrets: Sendable, Equatable {
    /// A secret that was replaced.
    package struct Previous: Sendable, Equatable {
        package let secret: Secret
        package let until: Timestamp

        package init(_ secret: Secret, until: Timestamp) {
            self.secret = secret
            self.until = until
        }
    }

    package var current: Secret
    package var previous: [Previous]

    package init(current: Secret, previous: [Previous] = []) {
        self.current = current
        self.previous = previous
    }
}

/// The sealed column of a webhook.
struct WebhookSealedDocument: Codable {
    struct Previous: Codable {
        var secret: String
        var until: Int64
    }

    var url: String
    var secret: String
    var previous: [Previous]

    init(url: String, _ secrets: WebhookSecrets) {
        self.url = url
        secret = secrets.current.revealed
        previous = secrets.previous.map { Previous(secret: $0.secret.revealed, until: $0.until.milliseconds) }
    }

    var secrets: WebhookSecrets {
        WebhookSecrets(
            current: Secret(secret),
            previous: previous.map {
                WebhookSecrets.Previous(Secret($0.secret), until: Timestamp(milliseconds: $0.until))
            })
    }
}

/// The column `settings` of a webhook.
struct WebhookSettingsDocument: Codable {
    struct Filter: Codable {
        var mailboxId: String?
        var mailboxRole: String?
        var from: String?
        var subject: String?
        var hasAttachment: Bool?
        var keyword: String?
    }

    var description: String?
    var types: [String]?
    var accounts: [String]?
    var include: [String]
    var filter: Filter?

    init(_ settings: WebhookSettings) {
        description = settings.description
        types = settings.types
        accounts = settings.accounts.map { $0.map(\.rawValue).sorted() }
        include = settings.include.map(\.rawValue).sorted()
        filter = settings.filter.map {
            Filter(
                mailboxId: $0.mailboxID?.rawValue, mailboxRole: $0.mailboxRole?.rawValue, from: $0.from,
                subject: $0.subject,
                hasAttachment: $0.hasAttachment, keyword: $0.keyword)
        }
    }

    func model(url: String, isOrdered: Bool) -> WebhookSettings {
        WebhookSettings(
            url: url, description: description, types: types,
            accounts: accounts.map { Set($0.map(AccountID.init(rawValue:))) },
            include: Set(include.compactMap(WebhookInclude.init)),
            filter: filter.map {
                WebhookFilter(
                    mailboxID: $0.mailboxId.map(MailboxID.init(rawValue:)),
                    mailboxRole: $0.mailboxRole.flatMap(MailboxRole.init), from: $0.from, subject: $0.subject,
                    hasAttachment: $0.hasAttachment, keyword: $0.keyword)
            }, isOrdered: isOrdered)
    }
}

/// How a fault is written in `last_error`: code, colon, text.
extension WebhookFault {
    var column: String { "\(code):\(text)" }

    init(column: String) {
        let parts = column.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(code: String(parts[0]), text: parts.count > 1 ? String(parts[1]) : "")
    }
}

extension WebhookRepository {
    static let columns: SQL =
        """
        id, sealed, settings, is_ordered, state, disabled_reason, position, secret_expires_at, failures, pauses, open_until,
        last_status, last_error, last_success_at, last_failure_at, created_at, updated_at, revision
        """

    func sealed(_ webhook: Webhook, _ secrets: WebhookSecrets) throws(StoreError) -> [UInt8] {
        try sealer.seal(
            try Document.octets(WebhookSealedDocument(url: webhook.settings.url, secrets)), at: Self.place(webhook.id))
    }

    func opened(_ row: SQLRow) throws -> StoredWebhook {
        let id = WebhookID(rawValue: try row.text("id"))
        let octets = try sealer.open(try row.blob("sealed"), at: Self.place(id))
        let sealed = try Document.decode(WebhookSealedDocument.self, from: octets, place: "webhooks/sealed")
        let document = try Document.decode(
            WebhookSettingsDocument.self, from: row.text("settings"), place: "webhooks/settings")
        let webhook = Webhook(
            id: id, settings: document.model(url: sealed.url, isOrdered: try row.bool("is_ordered")),
            state: try Self.state(row), health: try Self.health(row), position: try row.integer("position"),
            previousSecretExpiresAt: try row.optionalInteger("secret_expires_at").map(Timestamp.init),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            updatedAt: Timestamp(milliseconds: try row.integer("updated_at")), revision: try row.integer("revision"))
        return StoredWebhook(webhook: webhook, secrets: sealed.secrets)
    }

    private static func state(_ row: SQLRow) throws -> WebhookState {
        switch try row.text("state") {
        case "enabled": return .enabled
        case "disabled":
            guard let reason = WebhookDisabling(rawValue: try row.optionalText("disabled_reason") ?? "") else {
                throw StoreError.unreadable("webhooks/disabled_reason")
            }
            return .switchedOff(reason)
        default: throw StoreError.unreadable("webhooks/state")
        }
    }

    private static func health(_ row: SQLRow) throws -> WebhookHealth {
        WebhookHealth(
            failures: Int(try row.integer("failures")), pauses: Int(try row.integer("pauses")),
            openUntil: try row.optionalInteger("open_until").map(Timestamp.init),
            lastStatus: try row.optionalInteger("last_status").map { Int($0) },
            lastError: try row.optionalText("last_error").map(WebhookFault.init(column:)),
            lastSuccessAt: try row.optionalInteger("last_success_at").map(Timestamp.init),
            lastFailureAt: try row.optionalInteger("last_failure_at").map(Timestamp.init))
    }

    static func place(_ id: WebhookID) -> SealedPlace {
        SealedPlace(table: "webhooks", row: id.rawValue, column: "sealed")
    }
}

extension WebhookState {
    var column: String { isEnabled ? "enabled" : "disabled" }

    var reasonColumn: String? {
        if case .switchedOff(let reason) = self { reason.rawValue } else { nil }
    }
}
