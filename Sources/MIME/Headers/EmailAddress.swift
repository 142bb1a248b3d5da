/// A mailbox of RFC 5322 as JMAP shows it (RFC 8621, section 4.1.2.3): a display name and an address.
///
/// One that came from a message is kept as well as could be read and may be no valid address (even empty); one that will
/// be sent to goes through `init(validating:name:)`.
package struct EmailAddress: Sendable, Hashable {
    package var name: String?
    package var email: String

    package init(name: String? = nil, email: String) {
        self.name = name
        self.email = email
    }

    /// What stands before the last `@`; everything where there is none.
    package var localPart: Substring {
        guard let at = email.utf8.lastIndex(of: UInt8(ascii: "@")) else { return email[...] }
        return email[..<at]
    }

    /// What stands after the last `@`; empty where there is none.
    package var domain: Substring {
        guard let at = email.utf8.lastIndex(of: UInt8(ascii: "@")) else { return "" }
        return email[email.utf8.index(after: at)...]
    }
}

/// A group of RFC 5322 (RFC 6854 allows it in From too), or a run of addresses outside any group.
package struct AddressGroup: Sendable, Hashable {
    /// Nil for addresses that stand in no group.
    package var name: String?
    package var addresses: [EmailAddress]

    package init(name: String?, addresses: [EmailAddress]) {
        self.name = name
        self.addresses = addresses
    }
}
