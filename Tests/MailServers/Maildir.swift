package import Foundation
import Glibc

/// A message to put into a mailbox before the test begins.
package struct SeedMessage: Sendable {
    package var raw: [UInt8]
    /// Maildir's letters: S seen, F flagged, R answered, D draft, T deleted.
    package var flags: String
    package var receivedAt: Date

    package init(_ raw: [UInt8], flags: String = "", receivedAt: Date = Date(timeIntervalSince1970: 1_700_000_000)) {
        self.raw = raw
        self.flags = flags
        self.receivedAt = receivedAt
    }
}

extension DovecotServer {
    /// Writes messages straight into a mailbox, which is made where it is missing.
    ///
    /// The UIDs of a new mailbox follow the order given. 100,000 small messages take about 8 s.
    package func seed(_ user: MailUser, mailbox: String = "INBOX", _ messages: [SeedMessage]) async throws {
        try await seed(user, mailbox: mailbox, count: messages.count) { messages[$0] }
    }

    /// The same with messages made one at a time.
    package func seed(
        _ user: MailUser, mailbox: String = "INBOX", count: Int, _ message: @escaping @Sendable (Int) -> SeedMessage
    ) async throws {
        let (folder, owner) = (folder, mailUser)
        try await onThread {
            // Fails where the mailbox exists, which is as good.
            _ = try? Self.doveadm(folder, ["mailbox", "create", "-s", "-u", user.email, mailbox])
            let path = try Self.doveadm(folder, ["mailbox", "path", "-u", user.email, mailbox])
                .trimmingCharacters(in: .whitespacesAndNewlines)
            if mailbox == "INBOX" {
                // Dovecot makes the folders of INBOX when a message first arrives.
                for name in ["", "/cur", "/new", "/tmp"] where mkdir(path + name, 0o700) == 0 {
                    _ = chown(path + name, owner, owner)
                }
            }
            try MaildirWriter(path: path, owner: owner).write(count, message)
        }
    }

    /// The files of a mailbox, in the order of their names, which for seeded messages is the order given.
    package func storedMessages(_ user: MailUser, mailbox: String = "INBOX") async throws -> [[UInt8]] {
        let folder = folder
        return try await onThread {
            let path = try Self.doveadm(folder, ["mailbox", "path", "-u", user.email, mailbox])
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let files = ["new", "cur"].flatMap { subfolder in
                ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(subfolder)")) ?? [])
                    .map { (name: $0, path: "\(path)/\(subfolder)/\($0)") }
            }
            return files.sorted { $0.name < $1.name }.compactMap { FileManager.default.contents(atPath: $0.path) }
                .map { [UInt8]($0) }
        }
    }
}

/// Writes files as Dovecot itself would, with both sizes in the name so that it need not open them to list them.
private struct MaildirWriter {
    let path: String
    let owner: uid_t

    /// No UIDs are given out meanwhile: whoever watches the mailbox would see some of the files and miss earlier ones.
    func write(_ count: Int, _ message: (Int) -> SeedMessage) throws {
        let lock = "\(path)/dovecot-uidlist.lock"
        for _ in 0..<2_000 {
            let descriptor = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                close(descriptor)
                defer { unlink(lock) }
                return try writeAll(count, message)
            }
            guard errno == EEXIST else { throw systemError(lock) }
            // Sound: Dovecot tells nobody when it is done with its own lock file.
            usleep(5_000)
        }
        throw ServerFailure("\(lock) stays")
    }

    private func writeAll(_ count: Int, _ message: (Int) -> SeedMessage) throws {
        // Names sort in the order of arrival, and a second seeding of the same mailbox comes after the first.
        let first = try FileManager.default.contentsOfDirectory(atPath: "\(path)/cur").count
        for index in 0..<count {
            let message = message(index)
            var bareLineFeeds = 0
            var last: UInt8 = 0
            for byte in message.raw {
                if byte == 10, last != 13 { bareLineFeeds += 1 }
                last = byte
            }
            let size = message.raw.count
            let sizes = "S=\(size),W=\(size + bareLineFeeds)"
            let name = "\(1_000_000_000 + first + index).M0P1.seed,\(sizes):2,\(String(message.flags.sorted()))"
            try write(message, to: "\(path)/cur/\(name)")
        }
    }

    private func write(_ message: SeedMessage, to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemError(file) }
        defer { close(descriptor) }
        var rest = message.raw[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw systemError(file) }
            rest = rest.dropFirst(count)
        }
        fchown(descriptor, owner, owner)
        let time = timespec(tv_sec: Int(message.receivedAt.timeIntervalSince1970), tv_nsec: 0)
        futimens(descriptor, [time, time])
    }
}
