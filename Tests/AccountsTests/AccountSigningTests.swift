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

    @Test func `are made elsewhere than on a loop, and once, also where another change comes between`() async throws {
        try await AccountFixture.with { fixture in
            let made = Mutex(0)
            let service = AccountService(
                store: fixture.store, directory: fixture.directory,
                makeKey: { make in
                    let isSecond = made.withLock {
                        $0 += 1
                        return $0 == 2
                    }
                    if isSecond {
                        _ = try await fixture.service.update(
                            Self.a, with: AccountPatch(name: "Grace"), ifRevision: nil, verify: false, deadline: .soon)
                    }
                    return try make()
                }, probe: { _, _, _ in nil })
            var draft = AccountDraft.sample()
            draft.signingKeys = [SigningKeyDraft(domain: "example.org", selector: "a", algorithm: .ed25519SHA256)]
            // A trial and what cannot be stored need none.
            _ = try await service.verify(draft, deadline: .soon)
            draft.signingKeys.append(SigningKeyDraft(domain: "local", selector: "b"))
            await #expect(throws: AccountError.self) {
                try await service.create(draft, verify: false, deadline: .soon)
            }
            #expect(made.withLock { $0 } == 0)
            draft.signingKeys.removeLast()
            let first = try await service.create(draft, verify: false, deadline: .soon)
            #expect(made.withLock { $0 } == 1)

            var patch = AccountPatch()
            patch.signingKeys = [
                SigningKeyDraft(domain: "example.org", selector: "b"),
                SigningKeyDraft(domain: "example.org", selector: "a"),
            ]
            let changed = try await service.update(Self.a, with: patch, ifRevision: nil, verify: false, deadline: .soon)
            #expect(made.withLock { $0 } == 2 && changed.name == "Grace" && changed.revision == 3)
            #expect(
                changed.signingKeys.map(\.selector) == ["b", "a"] && changed.signingKeys[0].algorithm == .rsaSHA256)
            #expect(changed.signingKeys[1] == first.signingKeys[0])
            #expect(try await fixture.directory.signingSecrets(of: Self.a).map(\.selector) == ["b", "a"])
        }
    }

    /// RFC 1035, 2.3.4: 253 octets with `._domainkey.`, and the contract's 63 of the selector.
    @Test(
        arguments: [
            (63, 178, nil), (64, 60, "/dkim/0/selector"), (63, 179, "/dkim/0/domain"), (1, 240, nil),
            (1, 241, "/dkim/0/domain"),
        ] as [(Int, Int, String?)]) func `have names that DNS takes`(selector: Int, domain: Int, fault: String?)
        async throws
    {
        var draft = AccountDraft.sample()
        draft.signingKeys = [
            SigningKeyDraft(
                domain: String((0..<domain).map { $0 % 50 == 49 ? "." : "b" }),
                selector: String(repeating: "a", count: selector), algorithm: .ed25519SHA256)
        ]
        try await AccountFixture.with { [draft] fixture in
            guard let fault else {
                let made = try await fixture.service.create(draft, verify: false, deadline: .soon)
                #expect(made.signingKeys[0].recordName.utf8.count == selector + 12 + domain)
                return
            }
            let error = await #expect(throws: AccountError.self) {
                try await fixture.service.create(draft, verify: false, deadline: .soon)
            }
            #expect(pointers(error) == [fault])
        }
    }
}
