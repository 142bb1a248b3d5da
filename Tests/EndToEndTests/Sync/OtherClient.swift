import Foundation
import MailServers

/// Somebody else's mail program at the same mailbox: Python's imaplib.
enum OtherClient {
    /// Does what the lines say, one after the other, in one session; see `imapclient.py`.
    static func run(_ account: MailAccount, _ commands: String...) async throws {
        let (port, prefix): (UInt16, String)
        switch account.store {
        case .dovecot: (port, prefix) = (account.host.dovecot.ports.imap, "")
        case .cyrus: (port, prefix) = (try await MailStore.cyrusServer.ports.imap, "INBOX.")
        }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "imapclient.py")
        let user = account.user
        try await onThread {
            let child = try ChildProcess([
                Python.interpreter(), script.path(percentEncoded: false), String(port), user.email, user.password,
                prefix,
            ])
            for command in commands {
                child.write(Array((command + "\n").utf8))
            }
            child.closeInput()
            let status = try child.waitUntilExit(seconds: 60)
            guard status == 0 else { throw ServerFailure("imaplib: \(child.output.text)") }
        }
    }
}
