package import Model
package import SASL
import Synchronization
import Transport

/// Which mechanisms servers refuse their users: what was learnt stays for the life of the process, so that not every connection
/// begins with a refusal.
package final class LoginHabits: Sendable {
    private struct User: Hashable {
        let host: String
        let port: UInt16
        let username: String
    }

    private let users = Mutex(RecentlyUsed<User, SASLStage>(capacity: 10_000))

    package init() {}

    package static let shared = LoginHabits()

    package func stage(_ endpoint: ServerEndpoint, _ username: String) -> SASLStage {
        users.withLock { $0[User(host: endpoint.host, port: endpoint.port, username: username)] ?? .first }
    }

    /// The stage at which the server let the user in.
    package func note(_ stage: SASLStage, _ endpoint: ServerEndpoint, _ username: String) {
        guard stage != .first else { return }
        users.withLock { $0[User(host: endpoint.host, port: endpoint.port, username: username)] = stage }
    }
}
