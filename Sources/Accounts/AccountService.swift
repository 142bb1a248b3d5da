package import MailClient
package import Model
package import Store
package import Wire

/// The verbs on accounts: create, show, change, remove, probe.
package struct AccountService: Sendable {
    /// Logs in to one server and out again; nil where it let us in.
    package typealias Probe =
        @Sendable (MailProtocol, ServerLogin, ContinuousClock.Instant) async -> MailClientError?
    /// Makes a key where that holds up nobody: RSA takes long.
    package typealias KeyMaking = @Sendable (@escaping @Sendable () throws -> Secret) async throws -> Secret

    private let store: MailStore
    private let directory: AccountDirectory
    let oauth: OAuthClient?
    private let makeKey: KeyMaking
    private let probe: Probe

    /// Without `oauth` no account can have tokens instead of passwords.
    package init(
        store: MailStore, directory: AccountDirectory, oauth: OAuthClient? = nil,
        makeKey: @escaping KeyMaking, probe: @escaping Probe
    ) {
        self.store = store
        self.directory = directory
        self.oauth = oauth
        self.makeKey = makeKey
        self.probe = probe
    }

    /// Stores a new account, after its servers let us in where `verify` is set; nothing is stored otherwise.
    package func create(_ draft: AccountDraft, verify: Bool, deadline: ContinuousClock.Instant) async throws -> Account
    {
        let id = draft.id ?? AccountID(rawValue: IdentifierGenerator.make(prefix: "acc"))
        var settings = try checked(draft)
        guard try await store.accounts.account(id) == nil else { throw AccountError.alreadyExists(id) }
        let issued = verify ? try await issue(settings) : [:]
        if verify { try await requireEntry(settings.logins(with: issued), deadline: deadline) }
        var made: [Int: Secret] = [:]
        try await sign(&settings, with: draft.signingKeys, &made)
        let now = Timestamp.now()
        var account = Account(
            id: id, name: nil, email: "", servers: [:], username: nil, state: verify ? .connected : .connecting,
            lastError: nil, createdAt: now, updatedAt: now, revision: 1)
        settings.apply(to: &account)
        guard try await store.accounts.insert(account, credentials: settings.credentials, tokens: issued) else {
            throw AccountError.alreadyExists(id)
        }
        await directory.announce(.created, of: id)
        return account
    }

    /// Oldest first; `visible` limits the list to the accounts a token is bound to.
    package func list(limit: Int, cursor: String?, visible: Set<AccountID>?) async throws -> Page<Account> {
        try await store.accounts.list(after: try pageCursor(cursor), limit: limit, visible: visible)
    }

    package func account(_ id: AccountID) async throws -> Account {
        guard let account = try await store.accounts.account(id) else { throw AccountError.notFound(id) }
        return account
    }

    /// Merges the patch in; where it touches how we connect, the servers are probed again first.
    ///
    /// Without `ifRevision` a change that came between is merged with, not overwritten.
    package func update(
        _ id: AccountID, with patch: AccountPatch, ifRevision: Int64?, verify: Bool, deadline: ContinuousClock.Instant
    ) async throws -> Account {
        // A refresh token may be good for one use: what it brought serves the next attempt too.
        var spent: (grants: [MailProtocol?: OAuthGrant], issued: [MailProtocol?: OAuthTokens])?
        var made: [Int: Secret] = [:]
        for _ in 0..<Limits.updateAttempts {
            guard let (old, secrets) = try await store.accounts.opened(id) else { throw AccountError.notFound(id) }
            if let ifRevision, ifRevision != old.revision {
                throw AccountError.revisionMismatch(current: old.revision)
            }
            let before = AccountSettings(old, secrets)
            var settings = before
            let faults = settings.merge(patch) + settings.hostFaults(since: before, patch)
            guard faults.isEmpty else { throw AccountError.invalid(faults) }
            let isDisabled = patch.isDisabled ?? (old.state == .disabled)
            if settings == before, isDisabled == (old.state == .disabled) { return old }
            try check(settings)

            var account = old
            let mustProbe = !settings.connectsLike(before) || old.state == .disabled
            // Unchanged grants keep the tokens that they have.
            let isGranted = settings.grants != before.grants
            var issued: [MailProtocol?: OAuthTokens] = [:]
            if isDisabled {
                account.state = .disabled
                account.lastError = nil
            } else if mustProbe {
                if verify {
                    if isGranted {
                        if let spent, spent.grants == settings.grants {
                            issued = spent.issued
                        } else {
                            issued = try await issue(settings)
                            spent = (settings.grants, issued)
                        }
                    }
                    let logins =
                        isGranted ? settings.logins(with: issued) : settings.logins { directory.tokens($1, of: id, $0) }
                    try await requireEntry(logins, deadline: deadline)
                }
                account.state = verify ? .connected : .connecting
                account.lastError = nil
            }
            try await sign(&settings, with: patch.signingKeys ?? [], &made)
            settings.apply(to: &account)
            account.updatedAt = .now()
            account.revision = old.revision + 1
            let changed = settings.credentials == secrets ? nil : settings.credentials
            let isStored = try await store.accounts.update(
                account, credentials: changed, tokens: isGranted ? issued : nil, ifRevision: old.revision)
            if isStored {
                await directory.announce(.changed, of: id)
                return account
            }
        }
        throw AccountError.revisionMismatch(current: try await account(id).revision)
    }

    /// Removes the account with everything stored for it, mail that waits to be sent included.
    package func delete(_ id: AccountID, ifRevision: Int64?) async throws {
        guard try await store.accounts.delete(id, ifRevision: ifRevision) else {
            throw AccountError.revisionMismatch(current: try await account(id).revision)
        }
        await directory.announce(.deleted, of: id)
    }

    /// Closes the account's sessions and probes its servers now; what they say is in the answer's state.
    package func reconnect(_ id: AccountID, deadline: ContinuousClock.Instant) async throws -> Account {
        guard let (account, secrets) = try await store.accounts.opened(id) else { throw AccountError.notFound(id) }
        guard account.state != .disabled else { throw AccountError.disabled(id) }
        await directory.announce(.changed, of: id)
        let logins = AccountSettings(account, secrets).logins { directory.tokens($1, of: id, $0) }
        for (name, error) in await probeAll(logins, deadline: deadline) {
            await directory.noteContact(id, name, error: error)
        }
        return try await self.account(id)
    }

    /// Probes settings without storing them: nil for a protocol that let us in.
    package func verify(
        _ draft: AccountDraft, deadline: ContinuousClock.Instant
    ) async throws -> [MailProtocol: MailClientError?] {
        let settings = try checked(draft)
        // Many providers take a refresh token once, and give another instead, which a trial would lose.
        let spent = settings.grants.filter { if case .refreshToken = $0.value { true } else { false } }.keys
        guard spent.isEmpty else {
            throw AccountError.invalid(
                spent.map { ($0.map { "/\($0.rawValue)" } ?? "") + "/credentials/oauth2/refreshToken" }.sorted().map {
                    FieldFault(
                        pointer: $0, detail: "is not spent on a trial; createAccount tries it and keeps what it brings")
                })
        }
        let issued: [MailProtocol?: OAuthTokens]
        do throws(AccountError) {
            issued = try await issue(settings)
        } catch {
            guard case .verificationFailed(let refused) = error else { throw error }
            return refused
        }
        return await probeAll(settings.logins(with: issued), deadline: deadline)
    }

    private func checked(_ draft: AccountDraft) throws(AccountError) -> AccountSettings {
        var settings = AccountSettings(draft)
        var faults = settings.sign(with: draft.signingKeys)
        faults += settings.faults + settings.grantFaults(providers)
        if let id = draft.id, AccountID(validating: id.rawValue) == nil {
            faults.append(
                FieldFault(pointer: "/id", detail: "takes 1 to 64 letters, digits, dots, hyphens and underscores"))
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return settings
    }

    /// Makes the keys that `settings` lack of these; `made` are those of an earlier attempt, by their place.
    private func sign(
        _ settings: inout AccountSettings, with drafts: [SigningKeyDraft], _ made: inout [Int: Secret]
    ) async throws {
        guard !settings.unmadeKeys.isEmpty else { return }
        var drafts = drafts
        for index in settings.unmadeKeys {
            let algorithm = drafts[index].algorithm
            if made[index] == nil { made[index] = try await makeKey { try AccountSigning.make(algorithm) } }
            drafts[index].privateKey = made[index]
        }
        let faults = settings.sign(with: drafts)
        guard faults.isEmpty else { throw AccountError.invalid(faults) }
    }

    private var providers: [String: OAuthProvider] { oauth?.providers.configured ?? [:] }

    private func check(_ settings: AccountSettings) throws(AccountError) {
        let faults = settings.faults + settings.grantFaults(providers)
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    private func requireEntry(_ logins: [MailProtocol: ServerLogin], deadline: ContinuousClock.Instant) async throws {
        let refused = await probeAll(logins, deadline: deadline).compactMapValues { $0 }
        guard refused.isEmpty else { throw AccountError.verificationFailed(refused) }
    }

    /// All servers at once, so that the slowest one alone decides how long it takes.
    private func probeAll(
        _ logins: [MailProtocol: ServerLogin], deadline: ContinuousClock.Instant
    ) async -> [MailProtocol: MailClientError?] {
        await withTaskGroup(of: (MailProtocol, MailClientError?).self) { group in
            for (name, login) in logins {
                group.addTask { [probe] in (name, await probe(name, login, deadline)) }
            }
            var results: [MailProtocol: MailClientError?] = [:]
            for await (name, error) in group { results.updateValue(error, forKey: name) }
            return results
        }
    }
}

/// Reads a list's cursor; one that we did not write is the caller's fault.
func pageCursor(_ text: String?) throws(AccountError) -> PageCursor? {
    guard let text else { return nil }
    guard let cursor = PageCursor(text) else {
        throw .invalid([FieldFault(pointer: "/cursor", detail: "is not a cursor of this list")])
    }
    return cursor
}
