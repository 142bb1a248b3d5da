import Model
import Store
import Wire

extension Timestamp {
    /// So many seconds after the beginning of the tests' time.
    static func at(_ seconds: Double) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + Int64((seconds * 1000).rounded()))
    }
}

extension StoredWebhook {
    static func sample(
        _ id: String = "whk_1", url: String = "https://a.example/hook", types: [String]? = nil,
        accounts: Set<AccountID>? = nil, filter: WebhookFilter? = nil, include: Set<WebhookInclude> = [],
        isOrdered: Bool = false, position: Int64 = 0, health: WebhookHealth = WebhookHealth()
    ) -> StoredWebhook {
        StoredWebhook(
            webhook: Webhook(
                id: WebhookID(rawValue: id),
                settings: WebhookSettings(
                    url: url, types: types, accounts: accounts, include: include, filter: filter,
                    isOrdered: isOrdered),
                health: health, position: position, createdAt: .at(0), updatedAt: .at(0), revision: 1),
            secrets: WebhookSecrets(current: Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
    }
}

extension Event {
    static func sample(
        _ sequence: Int64 = 1, _ type: EventType = .accountUpdated, of account: String? = "a",
        data: String = "{}"
    ) -> Event {
        Event(
            id: EventID(rawValue: "evt_\(sequence)"), sequence: sequence, type: type, timestamp: .at(0),
            accountID: account.map(AccountID.init(rawValue:)), data: Array(data.utf8))
    }
}

let fault = WebhookFault(code: "timed-out", text: "time ran out")
