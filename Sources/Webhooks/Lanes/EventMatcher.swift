package import Model
import Representation

/// Which events a webhook wants.
package struct EventMatcher: Sendable, Equatable {
    private let types: Set<EventType>?
    private let accounts: Set<AccountID>?
    private let filter: WebhookFilter?

    package init(_ settings: WebhookSettings) {
        types = settings.types.map { Set($0.flatMap(EventType.named)) }
        accounts = settings.accounts
        filter = settings.filter
    }

    package func wants(_ event: Event) -> Bool {
        guard EventFilter(types: types, accounts: accounts).matches(event) else { return false }
        guard let filter, event.type.isOfMessage else { return true }
        // A message that cannot be read is announced rather than lost.
        guard let data = try? JSONParser.parse(event.data) else { return true }
        return filter.holds(for: data)
    }
}

extension EventType {
    /// The types that a name or `prefix.*` stands for; none for what is neither.
    package static func named(_ pattern: String) -> [EventType] {
        guard pattern.hasSuffix(".*") else { return EventType(rawValue: pattern).map { [$0] } ?? [] }
        return allCases.filter { $0.rawValue.hasPrefix(pattern.dropLast()) }
    }

    var isOfMessage: Bool { rawValue.hasPrefix("message.") }
}

extension WebhookFilter {
    /// Compares with a message's JSON; a member that the event does not carry fulfils no condition.
    func holds(for data: JSONValue) -> Bool {
        if let mailboxID {
            let places = data.strings("mailboxIds") + data.strings("previousMailboxIds")
            guard places.contains(mailboxID.rawValue) else { return false }
        }
        if let mailboxRole {
            let roles = data.strings("mailboxRoles") + data.strings("previousMailboxRoles")
            guard roles.contains(mailboxRole.rawValue) else { return false }
        }
        if let from {
            guard case .array(let senders)? = data["from"] else { return false }
            let texts = senders.flatMap { [$0["name"]?.text, $0["email"]?.text].compactMap { $0 } }
            guard texts.contains(where: { $0.holds(from) }) else { return false }
        }
        if let subject, data["subject"]?.text?.holds(subject) != true { return false }
        if let hasAttachment, data["hasAttachment"] != .bool(hasAttachment) { return false }
        if let keyword, data["keywords"]?[keyword.lowercased()] != .bool(true) { return false }
        return true
    }
}

extension JSONValue {
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }

    fileprivate func strings(_ name: String) -> [String] {
        guard case .array(let values)? = self[name] else { return [] }
        return values.compactMap(\.text)
    }
}

extension String {
    fileprivate func holds(_ part: String) -> Bool { lowercased().contains(part.lowercased()) }
}
