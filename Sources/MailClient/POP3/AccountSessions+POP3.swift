package import Model
import Transport

extension AccountSessions {
    /// Runs `body` with the account's session at its maildrop; see `Maildrop.withSession`.
    package func withPOP3<Value: Sendable>(
        _ account: AccountID, deadline: ContinuousClock.Instant, _ body: (POP3Lease) async throws -> Value
    ) async throws -> Value {
        let maildrop = try await maildrop(account)
        do {
            let value = try await maildrop.withSession(deadline: Deadline(deadline), body)
            await observe(account, .pop3, nil)
            return value
        } catch let error as MailClientError {
            await observe(account, .pop3, error)
            throw error
        }
    }
}
