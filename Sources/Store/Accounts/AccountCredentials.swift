package import Model
import Wire

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

/// How `AccountCredentials` is written before it is sealed; the only place where a secret becomes part of a document.
struct CredentialsDocument: Codable {
    struct Entry: Codable {
        var username: String
        var password: String

        init(_ credentials: Credentials) {
            username = credentials.username
            switch credentials.authentication {
            case .password(let secret): password = secret.revealed
            }
        }

        var credentials: Credentials { Credentials(username: username, authentication: .password(Secret(password))) }
    }

    var shared: Entry?
    var own: [String: Entry]

    init(_ credentials: AccountCredentials) {
        shared = credentials.shared.map(Entry.init)
        own = Dictionary(uniqueKeysWithValues: credentials.own.map { ($0.key.rawValue, Entry($0.value)) })
    }

    var credentials: AccountCredentials {
        AccountCredentials(
            shared: shared?.credentials,
            own: own.reduce(into: [:]) { result, entry in
                if let name = MailProtocol(rawValue: entry.key) { result[name] = entry.value.credentials }
            })
    }
}
