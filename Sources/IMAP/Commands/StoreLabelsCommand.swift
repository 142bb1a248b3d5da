/// UID STORE of Gmail's labels (X-GM-EXT-1), silent.
package struct StoreLabelsCommand: IMAPCommand {
    package typealias Result = Void

    private let uids: UIDSet
    private let change: StoreCommand.Change
    private let labels: [String]

    /// Labels are mailbox names, or system labels such as `\Inbox` and `\Starred`.
    package init(_ uids: UIDSet, _ change: StoreCommand.Change, _ labels: [String]) {
        self.uids = uids
        self.change = change
        self.labels = labels
    }

    package var name: StaticString { "UID STORE" }
    package var pipelining: PipeliningRule { .messages(.uids(uids), changesFlags: true, mayExpunge: false) }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.gmail) else { throw .unsupported(.gmail) }
        encoder.raw("UID STORE ")
        try encoder.set(uids)
        switch change {
        case .add: encoder.raw(" +X-GM-LABELS.SILENT (")
        case .remove: encoder.raw(" -X-GM-LABELS.SILENT (")
        case .replace: encoder.raw(" X-GM-LABELS.SILENT (")
        }
        for (index, label) in labels.enumerated() {
            if index > 0 { encoder.space() }
            if label.utf8.first == UInt8(ascii: "\\") {
                encoder.raw("\\")
                try encoder.atom(String(label.dropFirst()))
            } else {
                try encoder.mailbox(MailboxName(label, encoding: encoder.mailboxEncoding))
            }
        }
        encoder.raw(")")
    }
}
