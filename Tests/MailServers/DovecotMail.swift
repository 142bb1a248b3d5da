extension DovecotServer {
    /// Flags by subject in a mailbox, as Dovecot itself has them.
    package func storedFlags(_ user: MailUser, mailbox: String = "INBOX") async throws -> [String: Set<String>] {
        let lines = try await doveadm(
            "-f", "tab", "fetch", "-u", user.email, "hdr.subject flags", "mailbox", mailbox
        ).split(separator: "\n").dropFirst()
        return Dictionary(
            lines.map { line in
                let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
                return (String(columns[0]), Set(columns.last?.split(separator: " ").map(String.init) ?? []))
            }, uniquingKeysWith: { $1 })
    }
}
