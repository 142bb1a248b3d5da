import Foundation
import Glibc
import Synchronization

/// A child in a session of its own, with its output collected and a pipe as standard input.
///
/// The servers end when their pipe closes, so no other child may hold its end: every descriptor here is close-on-exec.
/// The session of its own keeps Ctrl-C from reaching the child before the test process.
package final class ChildProcess: Sendable {
    package let pid: Int32
    package let output = ProcessOutput()
    private let input: Mutex<Int32?>
    private let status = Mutex<Int32?>(nil)
    private let ended = NSCondition()

    /// Glibc shows Swift neither `pipe2` nor `accept4`: between making a descriptor and marking it, nobody may spawn.
    static let descriptorLock = NSLock()
    /// The value of glibc's `POSIX_SPAWN_SETSID`, which Swift does not see either.
    private static let newSession: Int32 = 0x80

    package init(_ arguments: [String], environment: [String: String]? = nil) throws {
        Self.descriptorLock.lock()
        defer { Self.descriptorLock.unlock() }
        let (inputReader, inputWriter) = try Self.makePipe()
        let (outputReader, outputWriter) = try Self.makePipe()
        defer {
            Glibc.close(inputReader)
            Glibc.close(outputWriter)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputReader, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWriter, 1)
        posix_spawn_file_actions_adddup2(&actions, outputWriter, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        let flags = Self.newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        var child: Int32 = 0
        let failure = Self.withCStrings(arguments) { argv in
            Self.withCStrings(variables) { envp in
                posix_spawnp(&child, arguments[0], &actions, &attributes, argv, envp)
            }
        }
        guard failure == 0 else {
            Glibc.close(inputWriter)
            Glibc.close(outputReader)
            throw ServerFailure("\(arguments[0]): \(String(cString: strerror(failure)))")
        }
        pid = child
        input = Mutex(inputWriter)
        Thread.detachNewThread { [output] in
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(outputReader, &chunk, chunk.count)
                if count > 0 { output.append(chunk[..<count]) } else if count == 0 || errno != EINTR { break }
            }
            Glibc.close(outputReader)
            output.close()
        }
        Thread.detachNewThread { self.reap() }
    }

    /// Closes the pipe that is the child's standard input.
    package func closeInput() {
        input.withLock {
            if let descriptor = $0 { Glibc.close(descriptor) }
            $0 = nil
        }
    }

    package func write(_ bytes: [UInt8]) {
        input.withLock { descriptor in
            guard let descriptor else { return }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Does nothing once the child has been reaped: its number may be another's by then.
    package func signal(_ number: Int32) {
        status.withLock { if $0 == nil { _ = kill(pid, number) } }
    }

    package var isRunning: Bool { status.withLock { $0 == nil } }

    /// Blocks until the child has ended.
    ///
    /// A signal counts as 128 plus its number, as in a shell.
    @discardableResult
    package func waitUntilExit(seconds: Double = 60) throws -> Int32 {
        let limit = Date(timeIntervalSinceNow: seconds)
        ended.lock()
        defer { ended.unlock() }
        while true {
            if let status = status.withLock({ $0 }) { return status }
            if !ended.wait(until: limit) {
                throw ServerFailure("Process \(pid) still runs after \(seconds) s:\n\(output.text)")
            }
        }
    }

    /// Waits without reaping first, so that the number stays ours until the status is stored.
    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        ended.lock()
        status.withLock {
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            $0 = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
        }
        ended.broadcast()
        ended.unlock()
    }

    private static func makePipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw systemError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
