import Glibc

/// A real name server on loopback: dnsmasq, which knows what it is told and nothing else.
package final class NameServerProcess: Sendable {
    package let port: UInt16
    private let child: ChildProcess

    /// `records` are lines of dnsmasq's configuration, such as `srv-host=_imaps._tcp.a.test,localhost,993`.
    package static func start(_ records: [String]) async throws -> NameServerProcess {
        try await onThread { try LoopbackPort.retrying(1) { try NameServerProcess(records, port: $0[0]) } }
    }

    private init(_ records: [String], port: UInt16) throws {
        self.port = port
        child = try ChildProcess(
            [
                try Command.locate("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
                "--no-hosts",
                "--listen-address=127.0.0.1", "--bind-interfaces", "--port=\(port)", "--pid-file=", "--user=",
                "--log-facility=-", "--local=/test/",
            ] + records.map { "--" + $0 })
        _ = try child.output.waitForLine(containing: "started, version", seconds: 10)
    }

    deinit { child.signal(SIGKILL) }
}
