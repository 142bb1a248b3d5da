import IMAP
import Model

extension ThreadClue {
    init(of message: Message, _ extras: FetchedExtras?) {
        if let extras, let assigned = ConversationID(extras) {
            self = .assigned(assigned.id)
            return
        }
        let subject = BaseSubject.of(message.subject ?? "").lowercased()
        // What was answered counts before what else was referred to: long References are cut in the middle, never at the end.
        let named = (message.references + message.inReplyTo).suffix(Self.maximumReferences).reversed()
        var ids = message.messageID.map { [$0] } ?? []
        for id in named where !ids.contains(id) { ids.append(id) }
        let root = message.references.first ?? message.inReplyTo.first ?? message.messageID
        let beginning = root ?? Fingerprint.of(message).rawValue
        self = .references(
            ids.map { Fingerprint.number([$0, subject]) },
            fallback: ThreadID(rawValue: "R" + Fingerprint.digest([beginning, subject])))
    }

    /// A message that names a thousand others is read no further.
    private static let maximumReferences = 50
}
