import Database
package import Model

/// What one process tells the others that work on the same store, after a commit; each has polling as the net below it.
package enum StoreNews: Sendable, Equatable {
    /// The log grew.
    case events
    /// Something is to be sent.
    case submissions
    /// A webhook or a delivery was changed.
    case webhooks
    /// Accounts became free, or a node died or came.
    case leases
    /// A token was revoked.
    case tokens
    /// An account has other settings, or a reconnect was asked for.
    case accountChanged(AccountID)
    case accountDeleted(AccountID)
    /// Somebody changed mail of this account through us.
    case mailChanged(AccountID)
    /// Something may have been told that this process did not hear.
    case interrupted

    /// Nil for what a newer version may tell.
    init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        let account = words.count == 2 ? AccountID(rawValue: String(words[1])) : nil
        switch (words.first, account) {
        case ("events", nil): self = .events
        case ("submissions", nil): self = .submissions
        case ("webhooks", nil): self = .webhooks
        case ("leases", nil): self = .leases
        case ("tokens", nil): self = .tokens
        case ("account-changed", let account?): self = .accountChanged(account)
        case ("account-deleted", let account?): self = .accountDeleted(account)
        case ("mail-changed", let account?): self = .mailChanged(account)
        default: return nil
        }
    }

    var text: String? {
        switch self {
        case .events: "events"
        case .submissions: "submissions"
        case .webhooks: "webhooks"
        case .leases: "leases"
        case .tokens: "tokens"
        case .accountChanged(let id): "account-changed \(id)"
        case .accountDeleted(let id): "account-deleted \(id)"
        case .mailChanged(let id): "mail-changed \(id)"
        case .interrupted: nil
        }
    }
}

extension MailStore {
    /// Tells the other processes; does nothing where there is one.
    package func tell(_ news: StoreNews) {
        if let text = news.text { database.tell(text) }
    }

    /// Hears what others tell, from now on.
    package func listen(_ handler: @escaping @Sendable (StoreNews) -> Void) {
        database.listen { news in
            switch news {
            case .interrupted: handler(.interrupted)
            case .told(let text): if let news = StoreNews(text) { handler(news) }
            }
        }
    }
}
