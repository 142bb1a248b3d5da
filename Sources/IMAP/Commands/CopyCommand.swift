/// COPY and UID COPY (RFC 9051, 6.4.7); the result is the server's COPYUID where it has UIDPLUS.
package struct CopyCommand: IMAPCommand {
    private let messages: MessageSet
    private let mailbox: MailboxName

    package init(_ messages: MessageSet, to mailbox: MailboxName) {
        self.messages = messages
        self.mailbox = mailbox
    }

    package var name: StaticString { messages.isUIDBased ? "UID COPY" : "COPY" }
    package var pipelining: PipeliningRule { .messages(messages, readsFlags: true) }
    package var emptyResult: CopiedUIDs? { nil }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        encoder.space()
        try encoder.set(messages.numbers)
        encoder.space()
        try encoder.mailbox(mailbox)
    }

    /// Some servers send COPYUID in an untagged OK, as for MOVE.
    package func collect(_ response: UntaggedResponse, into result: inout CopiedUIDs?) -> Bool {
        guard case .condition(.ok, let text) = response, case .copyUID(let copied) = text.code else { return false }
        result = copied
        return true
    }

    package func finish(_ result: inout CopiedUIDs?, with text: ResponseText) {
        if case .copyUID(let copied) = text.code { result = copied }
    }
}
