/// NOTIFY (RFC 5465): the server tells of changes in many mailboxes, without IDLE and without asking.
package struct NotifyCommand: IMAPCommand {
    package typealias Result = Void

    /// Which mailboxes an event group is about.
    package enum Mailboxes: Sendable, Equatable {
        case selected
        /// As `selected`, but expunges wait until a command allows them.
        case selectedDelayed
        case inboxes
        case personal
        case subscribed
        case subtree(MailboxName)
        case mailboxes([MailboxName])
    }

    /// What to be told of.
    package enum Event: Sendable, Equatable {
        /// With what to send of a new message; only for the selected mailbox.
        case messageNew(fetching: [FetchItem] = [])
        case messageExpunge
        case flagChange
        case mailboxName
        case subscriptionChange
    }

    /// Some mailboxes and their events; no events means: nothing of these.
    package struct Group: Sendable, Equatable {
        package var mailboxes: Mailboxes
        package var events: [Event]

        package init(_ mailboxes: Mailboxes, _ events: [Event]) {
            self.mailboxes = mailboxes
            self.events = events
        }
    }

    private let groups: [Group]
    private let startsWithStatus: Bool

    /// No groups is NOTIFY NONE; `startsWithStatus` asks for a STATUS of every mailbox first.
    package init(_ groups: [Group], startsWithStatus: Bool = false) {
        self.groups = groups
        self.startsWithStatus = startsWithStatus
    }

    package var name: StaticString { "NOTIFY" }
    package var pipelining: PipeliningRule { .alone }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.notify) else { throw .unsupported(.notify) }
        guard !groups.isEmpty else { return encoder.raw("NOTIFY NONE") }
        encoder.raw("NOTIFY SET")
        if startsWithStatus { encoder.raw(" STATUS") }
        for group in groups {
            encoder.raw(" (")
            try encode(group.mailboxes, into: &encoder)
            encoder.space()
            try encode(group.events, into: &encoder)
            encoder.raw(")")
        }
    }

    // filter-mailboxes = filter-mailboxes-selected / filter-mailboxes-other
    private func encode(_ mailboxes: Mailboxes, into encoder: inout CommandEncoder) throws(IMAPError) {
        switch mailboxes {
        case .selected: encoder.raw("SELECTED")
        case .selectedDelayed: encoder.raw("SELECTED-DELAYED")
        case .inboxes: encoder.raw("INBOXES")
        case .personal: encoder.raw("PERSONAL")
        case .subscribed: encoder.raw("SUBSCRIBED")
        case .subtree(let name):
            encoder.raw("SUBTREE ")
            try encoder.mailbox(name)
        case .mailboxes(let names):
            encoder.raw("MAILBOXES (")
            for (index, name) in names.enumerated() {
                if index > 0 { encoder.space() }
                try encoder.mailbox(name)
            }
            encoder.raw(")")
        }
    }

    // events = "(" event *(SP event) ")" / "NONE"
    private func encode(_ events: [Event], into encoder: inout CommandEncoder) throws(IMAPError) {
        guard !events.isEmpty else { return encoder.raw("NONE") }
        encoder.raw("(")
        for (index, event) in events.enumerated() {
            if index > 0 { encoder.space() }
            switch event {
            case .messageExpunge: encoder.raw("MessageExpunge")
            case .flagChange: encoder.raw("FlagChange")
            case .mailboxName: encoder.raw("MailboxName")
            case .subscriptionChange: encoder.raw("SubscriptionChange")
            case .messageNew(let items):
                encoder.raw("MessageNew")
                let capabilities = encoder.capabilities
                let known = items.filter { $0.isKnown(capabilities) }
                guard !known.isEmpty else { continue }
                encoder.raw(" (")
                for (index, item) in known.enumerated() {
                    if index > 0 { encoder.space() }
                    try item.encode(into: &encoder)
                }
                encoder.raw(")")
            }
        }
        encoder.raw(")")
    }
}
