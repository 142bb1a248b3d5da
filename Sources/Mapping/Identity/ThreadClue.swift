import IMAP
package import Model

/// What a message says of the conversation it belongs to.
package enum ThreadClue: Sendable, Hashable {
    /// THREADID or X-GM-THRID: the server has decided.
    case assigned(ThreadID)
    /// The messages it names, itself first and then from the latest to the oldest, each hashed together with the subject.
    ///
    /// RFC 8621, section 3: two messages belong together if they name the same message and have the same base subject. `fallback` is the
    /// conversation that begins with it, or with the oldest message it names.
    case references([Int64], fallback: ThreadID)

    init(of message: Message, _ extras: FetchedExtras?) {
        if let extras, let assigned = ConversationID(extras) {
            self = .assigned(assigned.id)
            return
        }
        let subject = BaseSubject.of(message.subject ?? "").lowercased()
        // What was answered counts before what else was referred to: long References are cut in the middle, never at the end.
        let named = Array((message.references + message.inReplyTo).suffix(Self.maximumReferences).reversed())
        var ids = message.messageID.map { [$0] } ?? []
        for id in named where !ids.contains(id) { ids.append(id) }
        let root = message.references.first ?? message.inReplyTo.first ?? message.messageID
        let parts = root.map { [$0, subject] } ?? [Fingerprint.of(message).rawValue, subject]
        self = .references(
            ids.map { Fingerprint.number([$0, subject]) }, fallback: ThreadID(rawValue: "R" + Fingerprint.digest(parts)))
    }

    /// A message that names a thousand others is read no further.
    private static let maximumReferences = 50
}
