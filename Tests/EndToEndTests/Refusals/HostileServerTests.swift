import Foundation
import MailServers
import Testing

/// Mail servers that mean harm cost one session each: the API answers, and the program does not grow.
@Suite(.timeLimit(.minutes(2)), .validatesAnswers)
struct HostileServerTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [ScriptedServer.Step]
    }

    static let attacks = [
        Attack(
            testDescription: "endless greeting",
            steps: [.sendBytes(Array(repeating: UInt8(ascii: "x"), count: 64 << 20)), .stall]),
        Attack(
            testDescription: "4 GB announced",
            steps: [.send("* OK ready\r\n* 1 FETCH (BODY[] {4294967295}\r\n"), .stall]),
        Attack(
            testDescription: "nesting without end",
            steps: [
                .send("* OK ready\r\n* 1 FETCH (BODYSTRUCTURE " + String(repeating: "(", count: 4 << 20) + "\r\n"),
                .close,
            ]),
        Attack(
            testDescription: "a million answers to nothing",
            steps: [.send("* OK ready\r\n" + String(repeating: "* 1 EXISTS\r\n", count: 1_000_000)), .close]),
    ]

    @Test func `is answered with a problem, and leaves no memory behind`() async throws {
        // A program of its own: what others do would be measured along.
        let bridge = try await Bridge.start()
        var before = 0
        for round in 0..<4 {
            for attack in Self.attacks {
                let server = try ScriptedServer(attack.steps)
                var draft = bridge.host.draft(for: try bridge.host.newUser())
                draft = draft.setting(
                    "/imap", to: ["host": "127.0.0.1", "port": .number(Double(server.port)), "security": "none"])
                let account = try await bridge.addAccount(draft, query: "?verify=false")
                let answer = try await bridge.api.get("\(account.path)/mailboxes", headers: [("Prefer", "wait=4")])
                #expect([502, 503, 504].contains(answer.status), "\(attack.testDescription): \(answer.text)")
                server.stop()
            }
            // The first round warms the allocator up.
            if round == 0 { before = try bridge.process.residentMemory }
        }
        let growth = try bridge.process.residentMemory - before
        #expect(growth < 24 << 20, "grew by \(growth >> 10) KiB")
        try await bridge.api.get("/readyz").expecting(200)
        try await bridge.process.stop()
    }
}
