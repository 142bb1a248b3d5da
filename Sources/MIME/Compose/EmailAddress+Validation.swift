extension EmailAddress {
    /// An address one can send to: a Mailbox of RFC 5321, section 4.1.2, or its international form of RFC 6531.
    package init(validating email: String, name: String? = nil) throws(AddressFault) {
        guard !email.isEmpty else { throw .empty }
        guard email.utf8.contains(UInt8(ascii: "@")) else { throw .missingAt }
        self.init(name: name, email: email)
    }
}
