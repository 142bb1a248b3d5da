package import Model
package import Store
package import Wire

/// Access tokens of accounts: given from memory while they are good, renewed ahead of their expiry, once for all who ask.
///
/// Within this process one task renews and the others wait for it; between nodes the store's lock does the same.
package actor AccessTokens {
    private let store: MailStore
    private let client: OAuthClient
    private let node: String
    private let now: @Sendable () -> Timestamp
    private let pause: @Sendable (Duration) async throws -> Void
    /// With the grant that they are of: credentials may have been replaced.
    private var known: [OAuthHolder: (grant: OAuthGrant, tokens: OAuthTokens)] = [:]
    private var renewals: [OAuthHolder: Renewal] = [:]
    /// What a grant that is gone answered, with the credentials that it was asked with: it is not asked again.
    private var dead: [OAuthHolder: (grant: OAuthGrant, fault: AccessTokenSource.Fault)] = [:]

    /// What those may join who want the same.
    private struct Renewal {
        let grant: OAuthGrant
        let refused: Secret?
        let task: Task<Result<OAuthTokens, AccessTokenSource.Fault>, Never>
    }

    package init(
        store: MailStore, client: OAuthClient, node: String = IdentifierGenerator.make(prefix: "node"),
        now: @escaping @Sendable () -> Timestamp = { .now() },
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.store = store
        self.client = client
        self.node = node
        self.now = now
        self.pause = pause
    }

    /// Where connections of that account get their tokens.
    package nonisolated func source(_ holder: OAuthHolder, _ grant: OAuthGrant) -> AccessTokenSource {
        AccessTokenSource(id: "\(holder.account)/\(holder.mailProtocol?.rawValue ?? "")") {
            refused throws(AccessTokenSource.Fault) in
            try await self.token(holder, grant, refused: refused)
        }
    }

    /// A token that is good for a while; never the one that a mail server `refused`.
    package func token(
        _ holder: OAuthHolder, _ grant: OAuthGrant, refused: Secret? = nil
    ) async throws(AccessTokenSource.Fault) -> Secret {
        if let (of, tokens) = known[holder], of == grant, isGood(tokens, refused) { return tokens.access }
        if let dead = dead[holder] {
            if dead.grant == grant { throw dead.fault }
            self.dead[holder] = nil
        }
        let renewal = joined(holder, grant, refused)
        let outcome = await renewal.task.value
        let isLatest = renewals[holder]?.task == renewal.task
        if isLatest { renewals[holder] = nil }
        switch outcome {
        case .success(let tokens):
            // One that others overtook meanwhile is not to take the place of theirs.
            if isLatest || known[holder] == nil { known[holder] = (grant, tokens) }
            return tokens.access
        case .failure(let fault):
            if case .consentNeeded = fault { dead[holder] = (grant, fault) }
            throw fault
        }
    }

    private func joined(_ holder: OAuthHolder, _ grant: OAuthGrant, _ refused: Secret?) -> Renewal {
        if let running = renewals[holder], running.grant == grant, running.refused == refused || refused == nil {
            return running
        }
        let renewal = Renewal(
            grant: grant, refused: refused,
            task: Task(name: "oauth renewal") { await self.renewed(holder, grant, refused) })
        renewals[holder] = renewal
        return renewal
    }

    /// Forgets what is known: credentials were replaced, or the account is gone.
    package func forget(_ account: AccountID) {
        known = known.filter { $0.key.account != account }
        dead = dead.filter { $0.key.account != account }
    }

    /// Renewed with a fifth of its life left, and at most five minutes ahead.
    private func isGood(_ tokens: OAuthTokens, _ refused: Secret?) -> Bool {
        let ahead = min(tokens.lifetime / 5, Limits.renewalLead)
        return tokens.access != refused && now() < tokens.expiresAt.advanced(by: .zero - ahead)
    }

    private func renewed(
        _ holder: OAuthHolder, _ grant: OAuthGrant, _ refused: Secret?
    ) async -> Result<OAuthTokens, AccessTokenSource.Fault> {
        do {
            for _ in 0..<Limits.renewalWaits {
                switch try await store.oauthTokens.claim(holder, by: node, for: Limits.renewalTime, now: now()) {
                case .gone: return .failure(.unavailable("the account is gone"))
                case .taken: try await pause(Limits.renewalPause)
                case .granted(let epoch, let tokens):
                    // Another node was faster, or the process is new.
                    if let tokens, isGood(tokens, refused) {
                        try await store.oauthTokens.release(holder, epoch: epoch)
                        return .success(tokens)
                    }
                    return try await ask(holder, grant, tokens, epoch)
                }
            }
            return .failure(.unavailable("another node has been renewing the token for too long"))
        } catch {
            return .failure(.unavailable("the store does not answer"))
        }
    }

    private func ask(
        _ holder: OAuthHolder, _ grant: OAuthGrant, _ latest: OAuthTokens?, _ epoch: Int64
    ) async throws -> Result<OAuthTokens, AccessTokenSource.Fault> {
        let tokens: OAuthTokens
        do throws(OAuthFault) {
            tokens = try await client.renew(grant, latest: latest)
        } catch {
            try await store.oauthTokens.release(holder, epoch: epoch)
            return .failure(
                error.needsConsent ? .consentNeeded(error.description) : .unavailable(error.description))
        }
        // Where the credentials were replaced meanwhile nothing is stored, and nobody is let in by the old ones.
        guard try await store.oauthTokens.store(tokens, of: holder, epoch: epoch, now: now()) else {
            return .failure(.unavailable("the credentials changed"))
        }
        return .success(tokens)
    }
}
