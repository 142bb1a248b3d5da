package import Model
import Synchronization
import Transport

/// Which users log in only by showing their password: what was learnt stays for the life of the process, so that not every
/// connection begins with a refusal.
package final class LoginHabits: Sendable {
    private struct User: Hashable {
        let host: String
        let port: UInt16
        let username: String
    }

    private let users = Mutex(RecentlyUsed<User, Bool>(capacity: 10_000))

    package init() {}

    package static let shared = LoginHabits()

    package func needsPassword(_ endpoint: ServerEndpoint, _ username: String) -> Bool {
        users.withLock { $0[User(host: endpoint.host, port: endpoint.port, username: username)] ?? false }
    }

    package func note(_ endpoint: ServerEndpoint, _ username: String) {
        users.withLock { $0[User(host: endpoint.host, port: endpoint.port, username: username)] = true }
    }
}
