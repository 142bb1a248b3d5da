import Foundation
import Glibc
package import Synchronization

/// The built program, started as a user starts it.
package final class MailbridgeProcess: Sendable {
    package static let adminToken = "test-admin-token-0123456789abcdef"
    private static let startLine = "Mailbridge listens on "

    /// What each that this process has started has printed.
    package static let outputs = Mutex<[ProcessOutput]>([])

    package let port: UInt16
    private let child: ChildProcess
    /// Kills the program when the test process ends without having done so.
    private let watchdog: ChildProcess

    /// Starts `mailbridge serve` on a free port with its data in `data`, and returns when it says that it listens.
    ///
    /// `settings` go into its environment, where nothing else named `MAILBRIDGE_…` is.
    package static func start(
        data: TemporaryFolder, settings: [String: String] = [:], arguments: [String] = ["serve"]
    ) async throws -> MailbridgeProcess {
        try await onThread { try MailbridgeProcess(data, settings, arguments) }
    }

    private init(_ data: TemporaryFolder, _ settings: [String: String], _ arguments: [String]) throws {
        let defaults = [
            "MAILBRIDGE_LISTEN": "127.0.0.1:0", "MAILBRIDGE_DATA_DIR": data("data"),
            "MAILBRIDGE_ADMIN_TOKEN": Self.adminToken,
        ]
        let environment = Self.environment.merging(defaults) { $1 }.merging(settings) { $1 }
        child = try ChildProcess([Self.executable()] + arguments, environment: environment)
        Self.outputs.withLock { [output = child.output] in $0.append(output) }
        watchdog = try ChildProcess(["sh", "-c", "trap '' INT HUP; cat >/dev/null; kill -KILL \(child.pid)"])
        do {
            let line = try child.output.waitForLine(containing: Self.startLine, seconds: 60)
            let digits = line.components(separatedBy: "//127.0.0.1:").last?.prefix { $0.isNumber }
            guard let port = digits.flatMap({ UInt16($0) }) else { throw ServerFailure("No port in \"\(line)\"") }
            self.port = port
        } catch {
            child.signal(SIGKILL)
            watchdog.signal(SIGKILL)
            throw ServerFailure("mailbridge did not start: \(error)")
        }
    }

    deinit {
        child.signal(SIGKILL)
        watchdog.signal(SIGKILL)
    }

    /// A client with the administrator's token.
    package var client: TestHTTPClient { TestHTTPClient(port: port, token: Self.adminToken) }

    /// All that the program has printed.
    package var output: String { child.output.text }
    package var isRunning: Bool { child.isRunning }

    /// Asks for a graceful end by SIGTERM and returns the exit status.
    @discardableResult
    package func stop(seconds: Double = 60) async throws -> Int32 {
        child.signal(SIGTERM)
        return try await waitUntilExit(seconds: seconds)
    }

    /// Stops it in the midst of whatever it does, as a machine that swaps or is moved would.
    package func pause() { child.signal(SIGSTOP) }

    /// It goes on as if no time had passed.
    package func resume() { child.signal(SIGCONT) }

    /// Ends it at once, as a power failure would.
    package func kill() async throws {
        child.signal(SIGKILL)
        try await waitUntilExit(seconds: 10)
    }

    @discardableResult
    package func waitUntilExit(seconds: Double) async throws -> Int32 {
        let (child, watchdog) = (child, watchdog)
        return try await onThread {
            let status = try child.waitUntilExit(seconds: seconds)
            watchdog.signal(SIGKILL)
            return status
        }
    }

    /// Resident memory in octets, now.
    package var residentMemory: Int {
        get throws {
            // Read by descriptor: Foundation asks for the size first, which is 0 in /proc.
            guard let file = FileHandle(forReadingAtPath: "/proc/\(child.pid)/status"),
                let text = try file.readToEnd().map({ String(decoding: $0, as: UTF8.self) }),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
                let kilobytes = Int(line.filter(\.isNumber))
            else { throw ServerFailure("No VmRSS for process \(child.pid)") }
            return kilobytes * 1024
        }
    }

    /// Time that it has had a processor for, until now.
    package var processorTime: Duration {
        get throws {
            // What follows the name in its parentheses begins with field 3 (proc(5)).
            guard let file = FileHandle(forReadingAtPath: "/proc/\(child.pid)/stat"),
                let text = try file.readToEnd().map({ String(decoding: $0, as: UTF8.self) }),
                let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 12,
                let user = Int(fields[11]), let system = Int(fields[12])
            else { throw ServerFailure("No stat for process \(child.pid)") }
            return .seconds(Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
        }
    }

    /// Runs another subcommand to its end, such as `token create`, or `serve` with a wrong setting.
    ///
    /// `under` is a program with its arguments that starts it, and to which its own command line is added.
    package static func run(
        _ arguments: [String], data: TemporaryFolder? = nil, settings: [String: String] = [:],
        under starter: [String] = []
    ) async throws -> Command.Result {
        var environment = environment.merging(settings) { $1 }
        if let data { environment["MAILBRIDGE_DATA_DIR"] = data("data") }
        let complete = environment
        return try await onThread { try Command.run(starter + [executable()] + arguments, environment: complete) }
    }

    private static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MAILBRIDGE_") }
    }

    /// SwiftPM puts it beside the test runner.
    private static func executable() throws -> String {
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (runner as NSString).deletingLastPathComponent + "/mailbridge"
        guard access(path, X_OK) == 0 else {
            throw ServerFailure("There is no \(path): run `swift build --product mailbridge` first.")
        }
        return path
    }
}
