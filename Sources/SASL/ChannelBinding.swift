/// Octets that only the two ends of this TLS channel know, under the name that RFC 5056 registers them by.
package struct ChannelBinding: Sendable, Equatable {
    /// `tls-exporter` (RFC 9266), `tls-unique` or `tls-server-end-point` (RFC 5929).
    package let name: String
    package let data: [UInt8]

    package init(name: String, data: [UInt8]) {
        self.name = name
        self.data = data
    }
}

/// What the connection is like that an authentication travels on.
package struct SASLChannel: Sendable, Equatable {
    /// Whether TLS protects it now.
    package var isEncrypted: Bool
    /// Whether passwords and tokens may travel unprotected: the account's owner said so, or they stay in this machine.
    package var allowsClearText: Bool
    /// What the channel can be bound by, best first; empty without TLS.
    package var bindings: [ChannelBinding]

    package init(isEncrypted: Bool, allowsClearText: Bool = false, bindings: [ChannelBinding] = []) {
        self.isEncrypted = isEncrypted
        self.allowsClearText = allowsClearText
        self.bindings = bindings
    }

    package static let encrypted = SASLChannel(isEncrypted: true)
    package static let clear = SASLChannel(isEncrypted: false)
}
