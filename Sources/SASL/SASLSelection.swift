package import Wire

/// What an account proves its identity with.
package enum SASLCredentials: Sendable, Equatable {
    /// `authorizationID` is who to act as, where that is somebody else (delegated mailboxes); usually empty.
    case password(username: String, password: Secret, authorizationID: String = "")
}

/// Which mechanism to use: the strongest that the server offers and the credentials fit.
package enum SASLSelection {
    /// The mechanism to authenticate with, ready to start.
    ///
    /// `offered` is the server's list in any case and order; `isEncrypted` whether TLS protects the connection now;
    /// `allowsClearText` whether the account's owner said that the password may travel unprotected. It throws
    /// `refusedInClear` before a byte of the password has left, or `noCommonMechanism`.
    package static func mechanism(
        offered: [String], credentials: SASLCredentials, isEncrypted: Bool, allowsClearText: Bool = false
    ) throws(SASLError) -> any SASLMechanism {
        let names = Set(offered.map { $0.uppercased() })
        var refused = false
        for candidate in candidates(credentials) where names.contains(candidate.name) {
            if !candidate.revealsPassword || isEncrypted || allowsClearText { return candidate }
            refused = true
        }
        throw refused ? .refusedInClear : .noCommonMechanism(offered: offered)
    }

    /// Strongest first.
    ///
    /// LOGIN cannot carry an authorization id, so it is no candidate where one is wanted.
    private static func candidates(_ credentials: SASLCredentials) -> [any SASLMechanism] {
        switch credentials {
        case .password(let username, let password, let authorizationID):
            let plain = PLAIN(username: username, password: password, authorizationID: authorizationID)
            return authorizationID.isEmpty ? [plain, LOGIN(username: username, password: password)] : [plain]
        }
    }
}
