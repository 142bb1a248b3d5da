import Wire

extension MailboxID {
    /// The id of the mailbox with this path: a 64-bit FNV-1a hash of its octets in base32, the same on every node and
    /// after the loss of every database.
    package init(path: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: hash >> UInt64($0)) }
        self.init(rawValue: Base32.encode(bytes))
    }

    /// The id of a mailbox: the server's own (MAILBOXID, RFC 8474) where it has one, which a rename does not change, else of its path.
    package init(path: String, objectID: String?) {
        self.init(path: objectID.map { "\0" + $0 } ?? path)
    }
}
