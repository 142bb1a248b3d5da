/// SELECT and EXAMINE (RFC 9051, 6.3.2 and 6.3.3).
package struct SelectCommand: IMAPCommand {
    private let mailbox: MailboxName
    private let readOnly: Bool
    private let condStore: Bool

    /// `readOnly` makes it EXAMINE; `condStore` asks for modification sequences where the server has them.
    package init(_ mailbox: MailboxName, readOnly: Bool = false, condStore: Bool = false) {
        self.mailbox = mailbox
        self.readOnly = readOnly
        self.condStore = condStore
    }

    package var name: StaticString { readOnly ? "EXAMINE" : "SELECT" }
    package var pipelining: PipeliningRule { .selection }
    package var effect: CommandEffect { .selects(mailbox, readOnly: readOnly) }
    package var emptyResult: SelectedMailbox { SelectedMailbox(name: mailbox, readOnly: readOnly) }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        encoder.space()
        try encoder.mailbox(mailbox)
        if condStore, encoder.capabilities.contains(.condStore) { encoder.raw(" (CONDSTORE)") }
    }

    package func collect(_ response: UntaggedResponse, into result: inout SelectedMailbox) -> Bool {
        result.absorb(response)
    }

    package func finish(_ result: inout SelectedMailbox, with text: ResponseText) { result.absorb(text.code) }
}
