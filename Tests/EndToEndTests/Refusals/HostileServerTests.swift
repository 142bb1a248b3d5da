import Foundation
import MailServers
import Testing

/// Mail servers that mean harm cost one session each: the API answers, and the program does not grow.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct HostileServerTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the API calls it.
        var codes = ["limit-exceeded"]
        let steps: [ScriptedServer.Step]
    }

    /// Up to the command that is attacked.
    private static let login: [ScriptedServer.Step] = [
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"), .expect("AUTHENTICATE"),
        .send("%TAG% OK [CAPABILITY IMAP4rev1] in\r\n"), .expect("LIST"),
    ]

    static let attacks = [
        Attack(
            testDescription: "endless greeting",
            steps: [.sendBytes(Array(repeating: UInt8(ascii: "x"), count: 64 << 20)), .stall]),
        Attack(
            testDescription: "4 GB announced",
            steps: [.send("* OK ready\r\n* 1 FETCH (BODY[] {4294967295}\r\n"), .stall]),
        Attack(
            testDescription: "nesting without end", codes: ["limit-exceeded", "disconnected", "protocol-violation"],
            steps: [
                .send("* OK ready\r\n* 1 FETCH (BODYSTRUCTURE " + String(repeating: "(", count: 4 << 20) + "\r\n"),
                .close,
            ]),
        Attack(
            testDescription: "200,000 answers to nothing", codes: ["disconnected"],
            steps: [.send("* OK ready\r\n" + String(repeating: "* 1 EXISTS\r\n", count: 200_000)), .close]),
        Attack(
            testDescription: "endless answer",
            steps: login + [
                .sendBytes(Array("* LIST () \"/\" ".utf8) + Array(repeating: 0x78, count: 32 << 20)), .stall,
            ]),
        Attack(
            testDescription: "4 GB announced to a list",
            steps: login + [.send("* LIST () \"/\" {4294967295}\r\nabc"), .stall]),
        Attack(
            testDescription: "a literal that never comes", codes: ["timed-out"],
            steps: login + [.send("* LIST () \"/\" {60000000}\r\nabc"), .stall]),
        Attack(
            testDescription: "names without end", codes: ["SERVERBUG"],
            steps: login + [
                .send(
                    (0..<20_000).map { "* LIST () \"/\" \"\($0)\"\r\n" }.joined() + "%TAG% NO [SERVERBUG] enough\r\n"),
                .stall,
            ]),
        Attack(
            testDescription: "nesting 10,000 deep", codes: ["disconnected"],
            steps: login + [.send("* LIST () \"/\" x (\(String(repeating: "(", count: 10_000))\r\n"), .close]),
        Attack(
            testDescription: "another tag", codes: ["protocol-violation"],
            steps: login + [.send("Z99 OK done\r\n"), .stall]),
        Attack(testDescription: "BYE", codes: ["disconnected"], steps: login + [.send("* BYE enough\r\n"), .stall]),
        Attack(
            testDescription: "a stall", codes: ["timed-out"], steps: login + [.send("* LIST () \"/\" \"INBOX"), .stall]),
        Attack(testDescription: "a reset", codes: ["disconnected"], steps: login + [.reset]),
    ]

    @Test func `is answered with a problem, and leaves no memory behind`() async throws {
        // A program of its own: what others do would be measured along.
        let bridge = try await Bridge.start()
        var before = 0
        for round in 0..<4 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for attack in Self.attacks { group.addTask { try await Self.suffer(attack, bridge) } }
                try await group.waitForAll()
            }
            // The first round warms the allocator up.
            if round == 0 { before = try bridge.process.residentMemory }
        }
        let growth = try bridge.process.residentMemory - before
        #expect(growth < 24 << 20, "grew by \(growth >> 10) KiB")
        try await bridge.api.get("/readyz").expecting(200)
        try await bridge.process.stop()
    }

    private static func suffer(_ attack: Attack, _ bridge: Bridge) async throws {
        let server = try ScriptedServer(attack.steps)
        let draft = bridge.host.draft(for: try bridge.host.newUser()).setting(
            "/imap", to: ["host": "127.0.0.1", "port": .number(Double(server.port)), "security": "none"])
        let account = try await bridge.addAccount(draft, query: "?verify=false")
        // Who is silent costs the caller's patience; the others have their time, however busy the machine is.
        let wait = attack.codes == ["timed-out"] ? 3 : 90
        let answer = try await bridge.api.get("\(account.path)/mailboxes", headers: [("Prefer", "wait=\(wait)")])
        #expect([502, 503, 504].contains(answer.status), "\(attack.testDescription): \(answer.text)")
        let upstream = try answer.json["upstream"]
        #expect(
            upstream["protocol"] == "imap" && attack.codes.contains(upstream["code"].string ?? ""),
            "\(attack.testDescription): \(answer.text)")
        server.stop()
    }
}
