package import Model

/// A message that a caller named, where it was found.
package struct MessageKey: Hashable, Sendable {
    package let id: EmailID
    package let place: MessagePlace

    package var mailbox: MailboxID { place.mailbox }
    package var uidValidity: UInt32 { place.uidValidity }
    package var uid: UInt32 { place.uid }

    package init(_ id: EmailID, at place: MessagePlace) {
        self.id = id
        self.place = place
    }

    /// A message that arrived somewhere just now, before it is known by its id.
    package init(mailbox: MailboxID, uidValidity: UInt32, uid: UInt32) {
        self.init(
            EmailID(rawValue: ""), at: MessagePlace(mailbox: mailbox, uidValidity: uidValidity, uid: uid))
    }
}
