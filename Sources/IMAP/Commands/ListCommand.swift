/// LIST (RFC 9051, 6.3.9), with what the server has of RFC 5258 (RETURN), RFC 5819 (STATUS), RFC 6154 (SPECIAL-USE) and
/// RFC 8440 (MYRIGHTS).
///
/// Options the server does not announce are left out; special use is asked for by name, as Dovecot 2.4 leaves it out
/// otherwise once RETURN is used. Where there are roles by XLIST alone, the draft that Gmail began with, it is XLIST.
package struct ListCommand: IMAPCommand {
    private let reference: MailboxName
    private let pattern: MailboxName
    private let returning: [ReturnOption]
    private let status: [StatusItem]

    /// What RFC 5258 and 6154 can add to each line, and RFC 8440 behind it.
    package enum ReturnOption: Sendable, Hashable {
        case subscribed
        case children
        case specialUse
        /// What we may do in each mailbox; a server may leave it out of some (RFC 8440, 4).
        case myRights

        /// What every list of mailboxes needs.
        package static let usual: [ReturnOption] = [.subscribed, .children, .specialUse]
    }

    /// `pattern` may hold `*` and `%`.
    package init(
        reference: MailboxName = MailboxName(""), pattern: MailboxName = MailboxName("*"),
        returning: [ReturnOption] = ReturnOption.usual, status: [StatusItem] = []
    ) {
        self.reference = reference
        self.pattern = pattern
        self.returning = returning
        self.status = status
    }

    package var name: StaticString { "LIST" }
    package var pipelining: PipeliningRule { .listing }
    package var emptyResult: [MailboxListing] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(Self.needsXLIST(encoder.capabilities) ? "XLIST " : "LIST ")
        try encoder.mailbox(reference)
        encoder.space()
        try encoder.mailbox(pattern)
        let asksStatus = !status.isEmpty && encoder.capabilities.contains(.listStatus)
        let options = returning.filter { Self.isKnown($0, encoder.capabilities) }
        guard asksStatus || !options.isEmpty else { return }
        encoder.raw(" RETURN (")
        for (index, option) in options.enumerated() {
            if index > 0 { encoder.space() }
            switch option {
            case .subscribed: encoder.raw("SUBSCRIBED")
            case .children: encoder.raw("CHILDREN")
            case .specialUse: encoder.raw("SPECIAL-USE")
            case .myRights: encoder.raw("MYRIGHTS")
            }
        }
        if asksStatus {
            if !options.isEmpty { encoder.space() }
            encoder.raw("STATUS ")
            encoder.statusItems(status)
        }
        encoder.raw(")")
    }

    package func collect(_ response: UntaggedResponse, into result: inout [MailboxListing]) -> Bool {
        switch response {
        case .list(var listing):
            // XLIST translates the name of INBOX, which is INBOX to all other commands.
            if listing.attributes.contains(.inbox) { listing.name = .inbox }
            result.append(listing)
            return true
        case .status(let name, let status):
            // Comes after the mailbox it belongs to, nearly always at once.
            guard let index = result.lastIndex(where: { $0.name == name }) else { return false }
            result[index].status = status
            return true
        case .myRights(let name, let rights):
            guard let index = result.lastIndex(where: { $0.name == name }) else { return false }
            result[index].rights = rights
            return true
        default: return false
        }
    }

    private static func needsXLIST(_ capabilities: CapabilitySet) -> Bool {
        capabilities.contains(.xlist) && !capabilities.contains(.specialUse) && !capabilities.contains(.listExtended)
    }

    private static func isKnown(_ option: ReturnOption, _ capabilities: CapabilitySet) -> Bool {
        guard capabilities.contains(.listExtended) else { return false }
        return switch option {
        case .subscribed, .children: true
        case .specialUse: capabilities.contains(.specialUse)
        case .myRights: capabilities.contains(.listMyRights)
        }
    }
}
