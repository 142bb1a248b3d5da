import Foundation

extension CyrusServer {
    /// Delivers messages as Postfix would, by LMTP.
    ///
    /// Cyrus adds `Return-Path` and `Received`.
    package func deliver(_ user: MailUser, _ messages: [UInt8]..., from sender: String = "") async throws {
        let port = ports.lmtp
        try await onThread { try MailInjection.deliver(messages, port: port, from: sender, to: user) }
    }

    /// Puts messages into a mailbox by APPEND, as another mail client would; the mailbox is made where it is missing.
    ///
    /// The server's folder on a real disk makes it 20 messages a second, as Cyrus makes each of them durable.
    package func seed(_ user: MailUser, mailbox: String = "INBOX", _ messages: [SeedMessage]) async throws {
        let name = wireName(of: mailbox)
        try await withProbe(user) { probe in
            // Fails where the mailbox exists, which is as good.
            _ = try? probe.command("CREATE \(IMAPProbe.quoted(name))")
            for message in messages {
                let flags = message.flags.compactMap { Self.flagNames[$0] }.joined(separator: " ")
                let date = IMAPProbe.dateTime(message.receivedAt)
                try probe.command("APPEND \(IMAPProbe.quoted(name)) (\(flags)) \"\(date)\"", literal: message.raw)
            }
        }
    }

    /// The messages of a mailbox in the order of their UIDs.
    package func storedMessages(_ user: MailUser, mailbox: String = "INBOX") async throws -> [[UInt8]] {
        let name = wireName(of: mailbox)
        return try await withProbe(user) { probe in
            try probe.command("EXAMINE \(IMAPProbe.quoted(name))")
            return try probe.command("UID FETCH 1:* (BODY.PEEK[])").flatMap(\.literals)
        }
    }

    /// The flags of each message of a mailbox in the order of their UIDs, without `\Recent`.
    package func storedFlags(_ user: MailUser, mailbox: String = "INBOX") async throws -> [Set<String>] {
        let name = wireName(of: mailbox)
        return try await withProbe(user) { probe in
            try probe.command("EXAMINE \(IMAPProbe.quoted(name))")
            return try probe.command("UID FETCH 1:* (FLAGS)").compactMap { response in
                guard let start = response.text.range(of: "FLAGS ("),
                    let end = response.text[start.upperBound...].firstIndex(of: ")"),
                    response.text.contains(" FETCH ")
                else { return nil }
                let flags = response.text[start.upperBound..<end].split(separator: " ").map(String.init)
                return Set(flags).subtracting(["\\Recent"])
            }
        }
    }

    /// The same by subject.
    package func storedFlags(
        _ user: MailUser, bySubjectIn mailbox: String = "INBOX"
    ) async throws -> [String: Set<String>] {
        let name = wireName(of: mailbox)
        let subjects = try await withProbe(user) { probe in
            try probe.command("EXAMINE \(IMAPProbe.quoted(name))")
            return try probe.command("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])").compactMap { response in
                response.literals.first.map { String(decoding: $0, as: UTF8.self).dropFirst("Subject: ".count) }
            }
        }
        let flags = try await storedFlags(user, mailbox: mailbox)
        return Dictionary(
            zip(subjects.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }, flags), uniquingKeysWith: { $1 })
    }

    /// The names of all mailboxes, or of those that are subscribed, with slashes and without the server's prefix.
    package func mailboxes(of user: MailUser, subscribed: Bool = false) async throws -> Set<String> {
        let (prefix, separator) = (name(of: ""), String(separator))
        return try await withProbe(user) { probe in
            let lines = try probe.command("\(subscribed ? "LSUB" : "LIST") \"\" *")
            return Set(
                lines.filter { !$0.text.contains("\\NonExistent") }.compactMap { line in
                    let end = line.text.split(separator: "\"\(separator)\" ", maxSplits: 1).last.map(String.init)
                    guard let end, line.text.hasPrefix("* L") else { return nil }
                    let quoted = end.hasPrefix("\"") ? String(end.dropFirst().dropLast()) : end
                    let name = IMAPProbe.mailboxName(quoted)
                    let own = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
                    return own.replacing(separator, with: "/")
                })
        }
    }

    /// Does something as another client of the same user, without any of our code.
    package func withProbe<Value: Sendable>(
        _ user: MailUser, _ body: @escaping @Sendable (IMAPProbe) throws -> Value
    ) async throws -> Value {
        let port = ports.imap
        return try await onThread {
            let probe = try IMAPProbe(port: port, user: user)
            let value = try body(probe)
            try probe.command("LOGOUT")
            return value
        }
    }

    private static let flagNames: [Character: String] = [
        "S": "\\Seen", "F": "\\Flagged", "R": "\\Answered", "D": "\\Draft", "T": "\\Deleted",
    ]
}
