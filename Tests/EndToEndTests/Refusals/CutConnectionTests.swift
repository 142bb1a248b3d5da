import MailServers
import Testing

/// A real server whose connection ends after its first, second, third … line: wherever that is, the API says so.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct CutConnectionTests {
    /// More lines than a list of five messages takes.
    private static let lines = 120

    @Test(arguments: [LoopbackProxy.Ending.close, .say("* BYE enough\r\n"), .stall], [false, true])
    func `an end after any line is a problem, and the account goes on afterwards`(
        ending: LoopbackProxy.Ending, reads: Bool
    ) async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        try await bridge.host.dovecot.seed(user, (0..<5).map { SeedMessage(TestMail.plain("Number \($0)")) })
        let port = bridge.host.dovecot.ports.imap
        let statuses = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            // A silent server costs the caller's patience: one line in ten will do.
            for lines in stride(from: 0, to: Self.lines, by: ending == .stall ? 10 : 4) {
                group.addTask {
                    let proxy = try LoopbackProxy(.cut(to: port, afterLines: lines, ending))
                    defer { proxy.stop() }
                    return (
                        lines,
                        try await Self.status(bridge, user, proxy, port, reads: reads, isSilent: ending == .stall)
                    )
                }
            }
            return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
        }
        #expect(statuses[0] != 200, "\(statuses)")
        #expect(statuses.values.allSatisfy { [200, 502, 503, 504].contains($0) }, "\(statuses)")
        // Somewhere the session was long enough; who waits three seconds on a busy machine may not live to see it.
        if ending != .stall { #expect(statuses.values.contains(200), "\(statuses)") }
    }

    /// The answer while the connection is cut, once it is a described one; afterwards everything works.
    private static func status(
        _ bridge: Bridge, _ user: MailUser, _ proxy: LoopbackProxy, _ port: UInt16, reads: Bool, isSilent: Bool
    ) async throws -> Int {
        let draft = bridge.host.draft(for: user).setting(
            "/imap", to: ["host": "127.0.0.1", "port": .number(Double(proxy.port)), "security": "none"])
        let account = try await bridge.addAccount(draft, query: "?verify=false")
        let patience = [("Prefer", "wait=\(isSilent ? 3 : 20)")]
        let target = "\(account.path)/\(reads ? "messages?mailbox=inbox&limit=5" : "mailboxes")"
        let answer = try await bridge.api.get(target, headers: patience)
        if answer.status != 200 {
            let problem = try answer.json
            #expect(problem["upstream"]["protocol"] == "imap", "\(answer.text)")
            #expect(["disconnected", "timed-out", "unavailable"].contains(problem["upstream"]["code"].string))
        }
        // Who is silent stays so, until the connection breaks.
        proxy.set(.forward(to: port), cutting: true)
        let after = try await eventually("the account works again") {
            try await bridge.api.get("\(account.path)/messages?mailbox=inbox&limit=5")
        } until: {
            $0.status == 200
        }
        #expect(try after.json["data"].array.count == 5)
        #expect(try await bridge.api.delete(account.path).status == 204)
        return answer.status
    }
}
