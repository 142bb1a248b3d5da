/// EXPUNGE (RFC 9051, 6.4.3), and UID EXPUNGE (UIDPLUS) which touches only the given messages.
package struct ExpungeCommand: IMAPCommand {
    package typealias Result = Void

    private let uids: UIDSet?

    /// Without `uids` every `\Deleted` message goes, also those that another program marked.
    package init(uids: UIDSet? = nil) { self.uids = uids }

    package var name: StaticString { uids == nil ? "EXPUNGE" : "UID EXPUNGE" }

    package var pipelining: PipeliningRule { .messages(.uids(uids ?? .all), readsFlags: true) }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        guard let uids else { return }
        guard encoder.capabilities.contains(.uidPlus) else { throw .unsupported(.uidPlus) }
        encoder.space()
        try encoder.set(uids)
    }
}
