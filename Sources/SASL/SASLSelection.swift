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
    /// `offered` is the server's list in any case and order; `stage` leaves out what was refused. It throws `refusedInClear`
    /// before a byte of a password has left, or `noCommonMechanism`.
    package static func mechanism(
        offered: [String], credentials: SASLCredentials, channel: SASLChannel, stage: SASLStage = .first
    ) throws(SASLError) -> any SASLMechanism {
        let names = Set(offered.map { $0.uppercased() })
        var isRefusedInClear = false
        for candidate in candidates(credentials, channel, names, stage)
        where names.contains(candidate.name) && (candidate.revealsPassword || stage != .passwordOnly) {
            if !candidate.revealsPassword || channel.isEncrypted || channel.allowsClearText { return candidate }
            isRefusedInClear = true
        }
        throw isRefusedInClear ? .refusedInClear : .noCommonMechanism(offered: offered)
    }

    /// Strongest first.
    ///
    /// LOGIN and CRAM-MD5 cannot carry an authorization id, so they are no candidates where one is wanted.
    private static func candidates(
        _ credentials: SASLCredentials, _ channel: SASLChannel, _ offered: Set<String>, _ stage: SASLStage
    ) -> [any SASLMechanism] {
        switch credentials {
        case .password(let username, let password, let authorizationID):
            var all: [any SASLMechanism] = []
            for hash in [SCRAMHash.sha256, .sha1] {
                if case .binding(let index) = stage, index < channel.bindings.count {
                    all.append(
                        SCRAM(
                            hash, username: username, password: password, authorizationID: authorizationID,
                            binding: .bound(channel.bindings[index])))
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
