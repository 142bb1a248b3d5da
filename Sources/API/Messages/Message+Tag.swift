import HTTP
import Model

extension Message {
    /// The parts of a message that change are its keywords and where it lies.
    var tag: EntityTag {
        EntityTag.of([id.rawValue] + keywords.sorted() + [""] + mailboxIDs.map(\.rawValue).sorted())
    }
}
