import Accounts
import MailClient
import Model
import Store
import Synchronization
import TestDatabases
import Wire

/// A store, the services on it, and servers that are only pretended.
final class AccountFixture: Sendable {
    let store: MailStore
    let directory: AccountDirectory
    /// What each server answers, by host; one that is missing lets everybody in.
    let answers = Mutex<[String: MailClientError]>([:])
    /// The logins that were tried.
    let probed = Mutex<[ServerLogin]>([])
    let changes = Mutex<[String]>([])

    var service: AccountService {
        service { [self] _, login, _ in
            probed.withLock { $0.append(login) }
            return answers.withLock { $0[login.endpoint.host] }
        }
    }

    /// One that makes keys where it is called.
    func service(oauth: OAuthClient? = nil, probe: @escaping AccountService.Probe) -> AccountService {
        AccountService(store: store, directory: directory, oauth: oauth, makeKey: { try $0() }, probe: probe)
    }

    init(store: MailStore) {
        self.store = store
        directory = AccountDirectory(store: store)
    }

    static func with(
        _ database: DatabaseFixture = .sqlite, _ body: (AccountFixture) async throws -> Void
    ) async throws {
        try await database.withStore { store in
            let fixture = AccountFixture(store: store)
            fixture.directory.onChange { [weak fixture] id, change in
                fixture?.changes.withLock { $0.append("\(id) \(change)") }
            }
            try await body(fixture)
        }
    }
}

extension AccountDraft {
    static func sample(_ id: String? = "a") -> AccountDraft {
        AccountDraft(
            id: id.map(AccountID.init(rawValue:)), name: "Ada", email: "ada@example.org",
            servers: [
                .imap: ServerEndpoint(host: "imap.example.org", port: 993, security: .tls),
                .smtp: ServerEndpoint(host: "smtp.example.org", port: 587, security: .starttls),
            ],
            credentials: Credentials(username: "ada", authentication: .password(Secret("hunter2"))))
    }
}

extension ContinuousClock.Instant {
    static var soon: ContinuousClock.Instant { .now + .seconds(10) }
}

/// The faults of an error, as pairs that are easy to compare.
func pointers(_ error: AccountError?) -> [String] {
    guard case .invalid(let faults) = error else { return ["no field faults: \(String(describing: error))"] }
    return faults.map(\.pointer).sorted()
}
