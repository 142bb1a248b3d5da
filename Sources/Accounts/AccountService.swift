package import MailClient
package import Model

/// The verbs on accounts: create, show, change, remove, probe.
package struct AccountService: Sendable {
    package func create(_ draft: AccountDraft, verify: Bool, deadline: ContinuousClock.Instant) async throws -> Account {
        fatalError("being written")
    }

    /// `visible` limits the list to the accounts a token is bound to.
    package func list(limit: Int, cursor: String?, visible: Set<AccountID>?) async throws -> Page<Account> {
        fatalError("being written")
    }

    package func account(_ id: AccountID) async throws -> Account { fatalError("being written") }

    package func update(
        _ id: AccountID, with patch: AccountPatch, ifRevision: Int64?, verify: Bool, deadline: ContinuousClock.Instant
    ) async throws -> Account { fatalError("being written") }

    package func delete(_ id: AccountID, ifRevision: Int64?) async throws { fatalError("being written") }

    /// Closes the account's sessions and probes its servers now.
    package func reconnect(_ id: AccountID, deadline: ContinuousClock.Instant) async throws -> Account {
        fatalError("being written")
    }

    /// Probes settings without storing them: nil for a protocol that let us in.
    package func verify(
        _ draft: AccountDraft, deadline: ContinuousClock.Instant
    ) async throws -> [MailProtocol: MailClientError?] { fatalError("being written") }
}
