// Starts the servers of the tests for a script, such as the demo: prints what it needs to know as NAME=value lines, then
// READY, and keeps the servers until its standard input ends or it is killed.
//
//     MailServersTool alice@example.test:password bob@example.test:password

import Foundation
import MailServers

let users = CommandLine.arguments.dropFirst().map { argument in
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    return parts.count == 2 ? MailUser(parts[0], password: parts[1]) : MailUser(argument)
}
guard !users.isEmpty else {
    print("usage: MailServersTool EMAIL:PASSWORD ...")
    exit(64)
}
do {
    let host = try await MailHost.start(users: users)
    let (mailboxes, relay) = (host.dovecot.ports, host.postfix.ports)
    print(
        """
        CA_CERTIFICATE=\(host.authority.certificate)
        IMAP_PORT=\(mailboxes.imap)
        IMAPS_PORT=\(mailboxes.imaps)
        POP3_PORT=\(mailboxes.pop3)
        POP3S_PORT=\(mailboxes.pop3s)
        LMTP_PORT=\(mailboxes.lmtp)
        SMTP_PORT=\(relay.smtp)
        SUBMISSION_PORT=\(relay.submission)
        SMTPS_PORT=\(relay.smtps)
        READY
        """)
    fflush(nil)
    while readLine() != nil {}
    withExtendedLifetime(host) {}
} catch {
    FileHandle.standardError.write(Data("MailServersTool: \(error)\n".utf8))
    exit(1)
}
