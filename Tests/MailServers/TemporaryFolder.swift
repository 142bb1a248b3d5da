import Foundation
import Glibc

/// Where a server keeps everything it writes.
///
/// Under `/tmp` whatever `TMPDIR` says: socket paths must stay under 108 octets, and the servers' own users must be
/// able to walk there.
///
/// A guarded folder is removed when the value goes or the process ends, however it ends: see `Supervisor`, which does
/// that for the folders of daemons, after the daemon has stopped.
package final class TemporaryFolder: Sendable {
    package let path: String
    private let guardian: ChildProcess?

    /// Set `MAILBRIDGE_TEST_KEEP=1` to find logs and mail after the run.
    static var keepsFolders: Bool { ProcessInfo.processInfo.environment["MAILBRIDGE_TEST_KEEP"] == "1" }

    /// `inMemory` asks for a file system that has no disk to wait for, where there is one with a gigabyte to spare.
    package init(_ purpose: String, isGuarded: Bool = true, inMemory: Bool = false) throws {
        let root = inMemory && Self.hasMemoryToSpare ? Self.memory : "/tmp"
        let template = "\(root)/mailbridge-\(purpose)-XXXXXX"
        var name = Array(template.utf8CString)
        guard mkdtemp(&name) != nil else { throw systemError("mkdtemp \(template)") }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        guard isGuarded, !Self.keepsFolders else {
            guardian = nil
            return
        }
        let script = "trap '' INT HUP TERM; cat >/dev/null; rm -rf \"$0\"; sleep 1; rm -rf \"$0\""
        guardian = try ChildProcess(["sh", "-c", script, path])
    }

    deinit {
        guardian?.closeInput()
    }

    private static let memory = "/dev/shm"

    private static var hasMemoryToSpare: Bool {
        var status = statvfs()
        guard statvfs(memory, &status) == 0, access(memory, W_OK | X_OK) == 0 else { return false }
        return UInt(status.f_bavail) * UInt(status.f_frsize) > 1 << 30
    }

    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    package func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws {
        let file = self(name)
        guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8)) else {
            throw systemError("write \(file)")
        }
        chmod(file, mode)
    }

    package func makeFolder(_ name: String, mode: UInt32 = 0o755) throws {
        guard mkdir(self(name), mode) == 0 else { throw systemError("mkdir \(self(name))") }
        chmod(self(name), mode)
    }

    /// The text of a file in the folder, empty where there is none.
    package func text(of name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: self(name)) ?? Data(), as: UTF8.self)
    }

    /// For a folder without a guardian.
    func remove() {
        if !Self.keepsFolders { try? FileManager.default.removeItem(atPath: path) }
    }
}
