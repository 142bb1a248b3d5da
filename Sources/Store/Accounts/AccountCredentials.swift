package import Model

/// The secrets of an account: one pair for every protocol, and those of protocols that have their own.
package struct AccountCredentials: Sendable, Equatable {
    package var shared: Credentials?
    package var own: [MailProtocol: Credentials]
    /// What its mail is signed with.
    package var signing: [SigningSecret]

    package init(
        shared: Credentials?, own: [MailProtocol: Credentials] = [:], signing: [SigningSecret] = []
    ) {
        self.shared = shared
        self.own = own
        self.signing = signing
    }

    package func credentials(for mailProtocol: MailProtocol) -> Credentials? { own[mailProtocol] ?? shared }

    /// Those that one protocol has for itself, or that are there for all: nil.
    package func held(at holder: MailProtocol?) -> Credentials? { holder.map { own[$0] } ?? shared }

    /// Grants by which a person consented at a provider, and who has them.
    package var consents: [(holder: MailProtocol?, provider: String)] {
        ([nil] + MailProtocol.allCases.map(Optional.init)).compactMap { holder in
            guard case .oauth2(.refreshToken(let provider, _)) = held(at: holder)?.authentication else { return nil }
            return (holder, provider)
        }
    }
}
