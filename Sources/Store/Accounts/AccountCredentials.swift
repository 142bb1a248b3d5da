package import Model

/// The secrets of an account: one pair for every protocol, and those of protocols that have their own.
package struct AccountCredentials: Sendable, Equatable {
    package var shared: Credentials?
    package var own: [MailProtocol: Credentials]

    package init(shared: Credentials?, own: [MailProtocol: Credentials] = [:]) {
        self.shared = shared
        self.own = own
    }

    package func credentials(for mailProtocol: MailProtocol) -> Credentials? { own[mailProtocol] ?? shared }
}
