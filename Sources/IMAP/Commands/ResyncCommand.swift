/// SELECT with QRESYNC (RFC 7162, 3.2.5): the mailbox, and what changed since we last saw it, in one round trip.
///
/// QRESYNC must have been enabled before, else the server refuses.
package struct ResyncCommand: IMAPCommand {
    private let mailbox: MailboxName
    private let readOnly: Bool
    private let uidValidity: UInt32
    private let modificationSequence: UInt64
    private let knownUIDs: UIDSet?

    /// `knownUIDs` keeps a server that forgot old expunges from naming UIDs we never had.
    package init(
        _ mailbox: MailboxName, readOnly: Bool = false, uidValidity: UInt32, since modificationSequence: UInt64,
        knownUIDs: UIDSet? = nil
    ) {
        self.mailbox = mailbox
        self.readOnly = readOnly
        self.uidValidity = uidValidity
        self.modificationSequence = modificationSequence
        self.knownUIDs = knownUIDs
    }

    /// Both lists are empty where UIDVALIDITY is another by now: then nothing of what we knew counts.
    package struct Result: Sendable, Equatable {
        package var mailbox: SelectedMailbox
        package var vanished = UIDSet()
        /// New messages and changed flags.
        package var changed: [FetchedMessage] = []
    }

    package var name: StaticString { readOnly ? "EXAMINE" : "SELECT" }
    package var pipelining: PipeliningRule { .selection }
    package var effect: CommandEffect { .selects(mailbox, readOnly: readOnly) }
    package var emptyResult: Result { Result(mailbox: SelectedMailbox(name: mailbox, readOnly: readOnly)) }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.qresync) else { throw .unsupported(.qresync) }
        encoder.raw(name)
        encoder.space()
        try encoder.mailbox(mailbox)
        encoder.raw(" (QRESYNC (")
        encoder.number(uidValidity)
        encoder.space()
        encoder.number(modificationSequence)
        if let knownUIDs, !knownUIDs.isEmpty {
            encoder.space()
            try encoder.set(knownUIDs)
        }
        encoder.raw("))")
    }

    package func collect(_ response: UntaggedResponse, into result: inout Result) -> Bool {
        switch response {
        case .vanished(earlier: true, let uids):
            result.vanished = NumberSet(ranges: result.vanished.ranges + uids.ranges)
        case .fetch(let message): result.changed.append(message)
        default: return result.mailbox.absorb(response)
        }
        return true
    }

    package func finish(_ result: inout Result, with text: ResponseText) { result.mailbox.absorb(text.code) }
}
