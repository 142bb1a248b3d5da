import Foundation
import Glibc

/// Postfix's `smtp-sink`: takes mail and drops or refuses it, as told by its own options.
package final class SMTPSink: Sendable {
    package let port: UInt16
    private let child: ChildProcess

    /// `arguments` such as `["-r", "RCPT"]` (450 at RCPT), `["-R", "rset"]`, `["-f", "."]` (500 at the end), `["-w", "5"]`.
    package static func start(_ arguments: [String] = []) async throws -> SMTPSink {
        try await onThread { try LoopbackPort.retrying(1) { try SMTPSink(arguments, port: $0[0]) } }
    }

    private init(_ arguments: [String], port: UInt16) throws {
        self.port = port
        // The shell ends the sink with this process: its standard input is a pipe that nobody else holds.
        let script = "trap '' INT HUP; \"$@\" </dev/null & echo started; cat >/dev/null; kill $!"
        let identity = getuid() == 0 ? ["-u", "nobody"] : []
        child = try ChildProcess(
            ["sh", "-c", script, "sh", Command.locate("smtp-sink")] + identity + arguments
                + ["127.0.0.1:\(port)", "512"])
        _ = try child.output.waitForLine(containing: "started", seconds: 10)
        try Self.waitUntilListening(port, child)
    }

    deinit { child.closeInput() }

    /// `smtp-sink` does not say when it listens, so the kernel is asked until it does.
    private static func waitUntilListening(_ port: UInt16, _ child: ChildProcess) throws {
        let limit = Date(timeIntervalSinceNow: 10)
        while Date() < limit {
            if let stream = try? SocketStream(port: port), try stream.readLine()?.hasPrefix("220") == true { return }
            // Sound: there is nothing to wait for but the port.
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw ServerFailure("smtp-sink does not listen: \(child.output.text)")
    }
}
