import Foundation
import MailServers
import Testing

/// A maildrop that only a token opens: Dovecot asks the provider who it is of, Mailbridge gets it there.
@Suite(.timeLimit(.minutes(3)))
struct MaildropOAuthTests {
    @Test(arguments: ["oauthbearer", "xoauth2"])
    func `access tokens open a maildrop, also after they have ended`(mechanism: String) async throws {
        let user = MailUser("user1@example.test")
        let folder = try TemporaryFolder("oauth")
        let provider = try await IdentityProvider.start(tokenSeconds: 3, users: [user])
        var options = DovecotServer.Options()
        options.mechanisms = [mechanism]
        options.configuration = try provider.dovecotConfiguration(in: folder)
        let host = try await MailHost.start(users: [user], dovecot: options)
        // Not by LMTP: what is received in the very second of the account's making is news.
        try await host.dovecot.seed(user, [SeedMessage(TestMail.plain("Behind a token"))])
        let bridge = try await Bridge.start(
            host: host,
            settings: Bridge.quickMaildrops.merging([
                "MAILBRIDGE_OAUTH_PROVIDERS": provider.setting(host), "MAILBRIDGE_OAUTH_ALLOW_PRIVATE": "true",
            ]) { $1 })
        let refreshToken = try await provider.token("refresh_token", of: user.email, for: "mailbridge")
        let draft: JSONValue = [
            "email": .string(user.email),
            "credentials": [
                "username": .string(user.email),
                "oauth2": ["provider": "acme", "refreshToken": .string(refreshToken)],
            ],
            "pop3": host.server(host.dovecot.ports.pop3s, "tls"),
        ]
        let account = try await bridge.addAccount(draft)
        #expect(try await account.list("")["data"].array.map(\.["subject"].string) == ["Behind a token"])
        try await account.isRead()
        let words = "method=\(mechanism.uppercased())"
        let before = try await host.dovecot.logged(words).count
        // Sound: a token lives for three seconds, and what comes next is to begin with one that is over.
        try await ContinuousClock().sleep(for: .seconds(4))
        try await host.dovecot.deliver(user, TestMail.plain("Later"))
        let created = try await account.events.count(1)
        #expect(created[0]["data"]["subject"] == "Later")
        _ = try await host.dovecot.logged(words, atLeast: before + 1)
        #expect(try await account.api.get(account.path).expecting(200)["state"] == "connected")
    }
}
