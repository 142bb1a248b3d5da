package import Model

/// The right to download one attachment until a moment, for whoever has the URL: nobody who loads an `<img>` can send a token.
package struct AttachmentLink: Sendable, Equatable {
    /// How a browser treats it.
    package enum Disposition: String, Sendable, CaseIterable {
        case attachment
        case inline
    }

    package var account: AccountID
    package var message: EmailID
    package var attachment: PartID
    package var disposition: Disposition
    package var expiresAt: Timestamp

    package init(
        account: AccountID, message: EmailID, attachment: PartID, disposition: Disposition, expiresAt: Timestamp
    ) {
        self.account = account
        self.message = message
        self.attachment = attachment
        self.disposition = disposition
        self.expiresAt = expiresAt
    }
}
