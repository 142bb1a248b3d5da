import Accounts
package import Model
import Store
package import Wire

/// What `mailbridge token` does, on the store itself.
package struct TokenAdministration {
    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    package func create(
        name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, expiresIn: Duration?
    ) async throws -> Secret {
        try await withTokens { tokens in
            try await tokens.create(
                TokenDraft(name: name, scopes: scopes, accounts: accounts, expiresIn: expiresIn)
            ).secret
        }
    }

    package func list() async throws -> [Token] {
        try await withTokens { tokens in
            var all: [Token] = []
            var cursor: String?
            repeat {
                let page = try await tokens.list(limit: 500, cursor: cursor)
                all += page.data
                cursor = page.nextCursor
            } while cursor != nil
            return all
        }
    }

    package func revoke(_ id: TokenID) async throws {
        try await withTokens { tokens in try await tokens.revoke(id) }
    }

    private func withTokens<Value>(_ body: (TokenService) async throws -> Value) async throws -> Value {
        let store = try await settings.openStore(as: .command)
        do {
            let value = try await body(TokenService(store: store, adminToken: nil))
            await store.close()
            return value
        } catch {
            await store.close()
            switch error {
            case AccountError.tokenNotFound(let id): throw StartFault("there is no token \(id)")
            case AccountError.invalid(let faults):
                throw StartFault(faults.map { "\($0.pointer.dropFirst()) \($0.detail)" }.joined(separator: "; "))
            default: throw error
            }
        }
    }
}
