package import Wire

/// What an account proves its identity with.
package enum SASLCredentials: Sendable, Equatable {
    /// `authorizationID` is who to act as, where that is somebody else (delegated mailboxes); usually empty.
    case password(username: String, password: Secret, authorizationID: String = "")
    /// An OAuth 2 access token; `host` and `port` are those of the server that it is shown to.
    case token(username: String, token: Secret, host: String, port: UInt16)
    /// The TLS client certificate that the connection was made with.
    case certificate(authorizationID: String)
}

/// Which mechanism to use: the strongest that the server offers and the credentials fit.
package enum SASLSelection {
    /// The mechanism to authenticate with, ready to start.
    ///
    /// `offered` is the server's list in any case and order; `passwordOnly` leaves out mechanisms that keep the password to
    /// themselves, after one of these was refused. It throws `refusedInClear` before a byte of a password has left, or
    /// `noCommonMechanism`.
    package static func mechanism(
        offered: [String], credentials: SASLCredentials, channel: SASLChannel, passwordOnly: Bool = false
    ) throws(SASLError) -> any SASLMechanism {
        let names = Set(offered.map { $0.uppercased() })
        var isRefusedInClear = false
        for candidate in candidates(credentials, channel, names)
        where names.contains(candidate.name) && (candidate.revealsPassword || !passwordOnly) {
            if !candidate.revealsPassword || channel.isEncrypted || channel.allowsClearText { return candidate }
            isRefusedInClear = true
        }
        throw isRefusedInClear ? .refusedInClear : .noCommonMechanism(offered: offered)
    }

    /// Whether the password itself may be shown, once, after the server refused this exchange.
    ///
    /// Servers offer SCRAM and CRAM-MD5 also for users of whose password they only have a digest of another kind; then
    /// only the password itself can be checked. It is shown to nobody who could not have asked for it at first: the
    /// channel is encrypted, and a server that failed to prove itself is not asked again.
    package static func mayGoOn(after exchange: SASLExchange, on channel: SASLChannel) -> Bool {
        channel.isEncrypted && !exchange.revealsPassword && exchange.name != "EXTERNAL"
    }

    /// Strongest first.
    ///
    /// LOGIN and CRAM-MD5 cannot carry an authorization id, so they are no candidates where one is wanted.
    private static func candidates(
        _ credentials: SASLCredentials, _ channel: SASLChannel, _ offered: Set<String>
    ) -> [any SASLMechanism] {
        switch credentials {
        case .password(let username, let password, let authorizationID):
            var all: [any SASLMechanism] = []
            for hash in [SCRAMHash.sha256, .sha1] {
                if let binding = channel.bindings.first {
                    all.append(
                        SCRAM(
                            hash, username: username, password: password, authorizationID: authorizationID,
                            binding: .bound(binding)))
                }
            }
            for hash in [SCRAMHash.sha256, .sha1] {
                // Said only where no mechanism with binding was offered, else an honest server would see an attack.
                let isOffered = offered.contains { $0.hasPrefix("SCRAM-") && $0.hasSuffix("-PLUS") }
                all.append(
                    SCRAM(
                        hash, username: username, password: password, authorizationID: authorizationID,
                        binding: channel.bindings.isEmpty || isOffered ? .unsupported : .notOffered))
            }
            if authorizationID.isEmpty { all.append(CRAMMD5(username: username, password: password)) }
            all.append(PLAIN(username: username, password: password, authorizationID: authorizationID))
            if authorizationID.isEmpty { all.append(LOGIN(username: username, password: password)) }
            return all
        case .token(let username, let token, let host, let port):
            return [
                BearerMechanism(.oauthBearer(host: host, port: port), username: username, token: token),
                BearerMechanism(.xoauth2, username: username, token: token),
            ]
        case .certificate(let authorizationID): return [EXTERNAL(authorizationID: authorizationID)]
        }
    }
}
