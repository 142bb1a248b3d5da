import HTTP
package import Model

/// What a webhook may be.
package struct WebhookRules: Sendable {
    /// What is wrong with calling a host, as far as its name says it; nil where nothing is.
    package typealias HostRefusal = @Sendable (_ host: String) -> String?

    /// Whether plain `http` may be spoken, as inside of one's own network.
    let allowsPlain: Bool
    let refusal: HostRefusal

    package init(allowsPlain: Bool, refusal: @escaping HostRefusal) {
        self.allowsPlain = allowsPlain
        self.refusal = refusal
    }

    package func faults(of settings: WebhookSettings) -> [FieldFault] {
        var faults: [FieldFault] = []
        func fail(_ pointer: String, _ detail: String) { faults.append(FieldFault(pointer: pointer, detail: detail)) }
        if let fault = urlFault(settings.url) { fail("/url", fault) }
        if let description = settings.description, description.count > Limits.description {
            fail("/description", "must not be longer than \(Limits.description) characters")
        }
        if let types = settings.types {
            if types.isEmpty { fail("/types", "names no type; leave it out for all") }
            if types.count > Limits.listed { fail("/types", "must not name more than \(Limits.listed)") }
            for (index, type) in types.enumerated() where EventType.named(type).isEmpty {
                fail("/types/\(index)", "is no type of event, nor the beginning of some followed by .*")
            }
        }
        if let accounts = settings.accounts {
            if accounts.isEmpty { fail("/accounts", "names no account; leave it out for all") }
            if accounts.count > Limits.listed { fail("/accounts", "must not name more than \(Limits.listed)") }
        }
        if let filter = settings.filter {
            if filter.isEmpty { fail("/filter", "has no condition; leave it out for all") }
            for (name, text) in [("from", filter.from), ("subject", filter.subject), ("keyword", filter.keyword)] {
                guard let text, text.isEmpty || text.count > Limits.filterText else { continue }
                fail("/filter/\(name)", "takes 1 to \(Limits.filterText) characters")
            }
        }
        return faults
    }

    private func urlFault(_ text: String) -> String? {
        do throws(HTTPURL.Fault) {
            let url = try HTTPURL(text)
            guard url.isSecure || allowsPlain else {
                return "must begin with https://; this server speaks http only where private addresses are allowed"
            }
            return refusal(url.host).map { "leads to \($0), which this server does not call" }
        } catch {
            return error.detail
        }
    }
}
