import Synchronization

/// Dovecot, Postfix and their certificate authority together: a small mail provider at `example.test`.
package final class MailHost: Sendable {
    package let authority: CertificateAuthority
    package let dovecot: DovecotServer
    package let postfix: PostfixServer
    private let folder: TemporaryFolder
    private let nextUser = Mutex(0)

    /// Starts both servers.
    ///
    /// Users are called `user1@example.test` and so on unless they are given.
    package static func start(
        users: [MailUser] = (1...500).map { MailUser("user\($0)@example.test") },
        dovecot: DovecotServer.Options = .init(), postfix: PostfixServer.Options = .init()
    ) async throws -> MailHost {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        let mailboxes = try await DovecotServer.start(users: users, authority: authority, options: dovecot)
        let relay = try await PostfixServer.start(dovecot: mailboxes, options: postfix)
        return MailHost(folder: folder, dovecot: mailboxes, postfix: relay)
    }

    private init(folder: TemporaryFolder, dovecot: DovecotServer, postfix: PostfixServer) {
        self.folder = folder
        authority = dovecot.authority
        self.dovecot = dovecot
        self.postfix = postfix
    }

    /// One host for all tests of the process that need nothing special, started by the first of them.
    package static func shared() async throws -> MailHost {
        try await sharedHost.value
    }

    private static let sharedHost = Task(name: "shared mail host") { try await MailHost.start() }

    /// A user whom no other test has been given, with an empty mailbox.
    package func newUser() throws -> MailUser {
        let index = nextUser.withLock { next in
            defer { next += 1 }
            return next
        }
        guard dovecot.users.indices.contains(index) else {
            throw ServerFailure("All \(dovecot.users.count) users are given out; start the host with more of them.")
        }
        return dovecot.users[index]
    }
}
