import MIME
import Model

/// What a kept draft answers or passes on, in a field that goes when it is sent: message and keyword.
enum DraftReference {
    static let name = "X-Mailbridge-Reference"

    static func value(_ reference: MessageReference) -> String {
        "\(reference.message) \(reference.action.keyword)"
    }

    /// Nil for what another program may have written there.
    static func mark(in headers: Headers) -> OriginalMark? {
        let words = headers.text(name)?.split(separator: " ") ?? []
        guard words.count == 2,
            let action = MessageReference.Action.allCases.first(where: { $0.keyword == words[1] })
        else { return nil }
        return OriginalMark(message: EmailID(rawValue: String(words[0])), keyword: action.keyword)
    }
}
