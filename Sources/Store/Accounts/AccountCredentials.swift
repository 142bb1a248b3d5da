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
}
