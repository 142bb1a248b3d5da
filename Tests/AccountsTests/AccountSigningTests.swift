import Accounts
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

/// The DKIM keys of accounts.
@Suite struct AccountSigningTests {
    private static let a = AccountID(rawValue: "a")

    @Test(arguments: DatabaseFixture.all)
    func `are stored apart from what is shown, and change without asking any mail server`(
        _ database: DatabaseFixture
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            var draft = AccountDraft.sample()
            draft.authservIDs = ["mx.example.org"]
            draft.signingKeys = [
                SigningKeyDraft(domain: "B\u{FC}cher.example", selector: "Mail", algorithm: .ed25519SHA256)
            ]
            let made = try await fixture.service.create(draft, verify: false, deadline: .soon)
            #expect(made.signingKeys.map(\.recordName) == ["mail._domainkey.xn--bcher-kva.example"])
            #expect(made.authservIDs == ["mx.example.org"])
            let stored = try #require(try await fixture.store.accounts.opened(Self.a))
            #expect(stored.account == made && stored.credentials.signing.count == 1)
            #expect(try await fixture.directory.signingSecrets(of: Self.a) == stored.credentials.signing)

            var patch = AccountPatch()
            patch.signingKeys = [
                SigningKeyDraft(domain: "xn--bcher-kva.example", selector: "mail"),
                SigningKeyDraft(domain: "example.org", selector: "mail", algorithm: .ed25519SHA256),
            ]
            let changed = try await fixture.service.update(
                Self.a, with: patch, ifRevision: nil, verify: true, deadline: .soon)
            #expect(changed.signingKeys.count == 2 && changed.signingKeys[0] == made.signingKeys[0])
            #expect(changed.revision == 2 && fixture.probed.withLock { $0.isEmpty })
            // Named alone, they stay as they are.
            patch.signingKeys = changed.signingKeys.map { SigningKeyDraft(domain: $0.domain, selector: $0.selector) }
            let same = try await fixture.service.update(
                Self.a, with: patch, ifRevision: nil, verify: true, deadline: .soon)
            #expect(same == changed)
            // Another password leaves them alone.
            let password = AccountPatch(credentials: CredentialsPatch(authentication: .password(Secret("new"))))
            let after = try await fixture.service.update(
                Self.a, with: password, ifRevision: nil, verify: false, deadline: .soon)
            #expect(after.signingKeys == changed.signingKeys)
            #expect(try await fixture.directory.signingSecrets(of: Self.a).count == 2)
        }
    }
}
