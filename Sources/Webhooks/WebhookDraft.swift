package import Model
package import Wire

/// What a caller wants a new webhook to be.
package struct WebhookDraft: Sendable, Equatable {
    package var settings: WebhookSettings
    /// Nil: one is made.
    package var secret: Secret?

    package init(settings: WebhookSettings, secret: Secret? = nil) {
        self.settings = settings
        self.secret = secret
    }
}

/// What a caller wants changed; nil leaves a member as it is, and where a member can be removed, an inner nil removes it.
package struct WebhookPatch: Sendable, Equatable {
    package var url: String?
    package var description: String??
    package var types: [String]??
    package var accounts: Set<AccountID>??
    package var include: Set<WebhookInclude>??
    package var filter: WebhookFilter??
    package var isOrdered: Bool?
    package var isEnabled: Bool?

    package init() {}

    func applied(to settings: WebhookSettings) -> WebhookSettings {
        var result = settings
        if let url { result.url = url }
        if let description { result.description = description }
        if let types { result.types = types }
        if let accounts { result.accounts = accounts }
        if let include { result.include = include ?? [] }
        if let filter { result.filter = filter }
        if let isOrdered { result.isOrdered = isOrdered }
        return result
    }
}

/// What became of a test.
package struct WebhookTestResult: Sendable, Equatable {
    package let eventID: EventID
    /// Nil where there was no answer.
    package let status: Int?
    /// Nil where the endpoint took it.
    package let fault: WebhookFault?
    package let duration: Duration

    package init(eventID: EventID, status: Int?, fault: WebhookFault?, duration: Duration) {
        self.eventID = eventID
        self.status = status
        self.fault = fault
        self.duration = duration
    }
}
