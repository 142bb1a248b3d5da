/// MOVE and UID MOVE (RFC 6851, RFC 9051 6.4.8).
package struct MoveCommand: IMAPCommand {
    private let messages: MessageSet
    private let mailbox: MailboxName

    package init(_ messages: MessageSet, to mailbox: MailboxName) {
        self.messages = messages
        self.mailbox = mailbox
    }

    package var name: StaticString { messages.isUIDBased ? "UID MOVE" : "MOVE" }
    package var pipelining: PipeliningRule { .messages(messages, readsFlags: true, changesFlags: true) }
    package var emptyResult: CopiedUIDs? { nil }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.move) else { throw .unsupported(.move) }
        encoder.raw(name)
        encoder.space()
        try encoder.set(messages.numbers)
        encoder.space()
        try encoder.mailbox(mailbox)
    }

    /// COPYUID comes in an untagged OK before the EXPUNGEs (RFC 6851, 4.3), from others in the tagged one.
    package func collect(_ response: UntaggedResponse, into result: inout CopiedUIDs?) -> Bool {
        guard case .condition(.ok, let text) = response, case .copyUID(let copied) = text.code else { return false }
        result = copied
        return true
    }

    package func finish(_ result: inout CopiedUIDs?, with text: ResponseText) {
        if case .copyUID(let copied) = text.code { result = copied }
    }
}
