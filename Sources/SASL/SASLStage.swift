/// Which mechanisms are still tried: a refusal may be of the mechanism rather than of the password.
package enum SASLStage: Sendable, Hashable {
    /// All, with the binding of the channel that has this index, where there are so many.
    case binding(Int)
    /// All that need no binding: the server knows none of the channel's.
    case unbound
    /// Those alone that show the password.
    case passwordOnly

    package static let first = binding(0)

    /// What is tried after the server refused this exchange; nil where the refusal is the answer.
    ///
    /// A binding that the server does not know it refuses before it asks for anything (RFC 5802, section 6; Cyrus knows `tls-unique`
    /// alone): no password was judged. Servers also offer SCRAM and CRAM-MD5 for users of whose password they only have a digest
    /// of another kind; then only the password itself can be checked, once. It is shown to nobody who could not have asked for it at
    /// first: the channel is encrypted, and a server that failed to prove itself is not asked again.
    package func next(after exchange: SASLExchange, on channel: SASLChannel) -> SASLStage? {
        guard channel.isEncrypted, !exchange.revealsPassword, exchange.name != "EXTERNAL" else { return nil }
        guard case .binding(let index) = self, exchange.isBound, !exchange.isChallenged else { return .passwordOnly }
        return index + 1 < channel.bindings.count ? .binding(index + 1) : .unbound
    }
}
