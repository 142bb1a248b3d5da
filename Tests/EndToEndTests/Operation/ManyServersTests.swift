import Foundation
import MailServers
import Testing

/// Fifty accounts at ten servers, one of which hangs and one of which refuses: all others' mail leaves as if they were not there.
///
/// `MAILBRIDGE_TEST_SUBMISSIONS=10000` makes it the large one.
@Suite(.timeLimit(.minutes(10)), .validatesAnswers)
struct ManyServersTests {
    private static let total =
        ProcessInfo.processInfo.environment["MAILBRIDGE_TEST_SUBMISSIONS"].flatMap { Int($0) } ?? 300
    private static let accounts = 50

    @Test func `a server that hangs and one that refuses hold up nobody else`() async throws {
        let bridge = try await Bridge.start()
        let folder = try TemporaryFolder("sinks")
        try await onThread {
            try folder.makeFolder("mail", mode: 0o777)
            _ = try Command.check(["chmod", "777", folder.path, folder("mail")])
        }
        var ports: [UInt16] = []
        var sinks: [SMTPSink] = []
        for number in 0..<8 {
            let sink = try await SMTPSink.start(["-d", folder("mail/\(number).")])
            sinks.append(sink)
            ports.append(sink.port)
        }
        let (hanging, refusing) = (try LoopbackProxy(.hold), try LoopbackProxy(.reset))
        defer {
            hanging.stop()
            refusing.stop()
        }
        ports += [hanging.port, refusing.port]
        var accounts: [(account: MailAccount, isWell: Bool)] = []
        for number in 0..<Self.accounts {
            let port = ports[number % ports.count]
            let account = try await bridge.addAccount(
                [
                    "email": .string("sender\(number)@example.test"),
                    "credentials": ["username": "u", "password": "p"],
                    "smtp": ["host": "127.0.0.1", "port": .number(Double(port)), "security": "none"],
                ], query: "?verify=false")
            accounts.append((account, number % ports.count < 8))
        }
        let expected = try await submit(accounts)
        try await eventually("all that can leave has left", within: .seconds(120 + Self.total / 5)) {
            let waiting = try await counts(bridge)
            return waiting.well == expected.well
        }
        let found = try await counts(bridge)
        // What was there for the two others waits: nothing lost, nothing given up.
        #expect(found.waiting == expected.ill)
        #expect(hanging.connectionCount > 0 && refusing.connectionCount > 0)
        let arrived = try await onThread { try Self.messageIDs(in: folder("mail")) }
        #expect(arrived.count == expected.well, "as many as were sent")
        #expect(Set(arrived).count == arrived.count, "and none of them twice")
        try await bridge.process.stop(seconds: 120)
        withExtendedLifetime(sinks) {}
    }

    private func submit(
        _ accounts: [(account: MailAccount, isWell: Bool)]
    ) async throws -> (well: Int, ill: Int) {
        let numbers = Array(0..<Self.total)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in numbers where number % 8 == lane {
                        let account = accounts[number % accounts.count].account
                        _ = try await account.submit([
                            "to": ["joe@example.org"], "subject": .string("Number \(number)"), "text": "Hello.",
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        let well = numbers.count { accounts[$0 % accounts.count].isWell }
        return (well, numbers.count - well)
    }

    private func counts(_ bridge: Bridge) async throws -> (well: Int, waiting: Int) {
        var (well, waiting) = (0, 0)
        var cursor = ""
        while true {
            let page = try await bridge.api.get("/v1/submissions?limit=500\(cursor)").expecting(200)
            for submission in page["data"].array {
                switch submission["state"].string {
                case "sent": well += 1
                case "queued", "sending": waiting += 1
                default: throw ServerFailure("\(submission)")
                }
            }
            guard let next = page["nextCursor"].string else { return (well, waiting) }
            cursor = "&cursor=\(next.percentEncoded)"
        }
    }

    private static func messageIDs(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
            let text = String(
                decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
            return text.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("message-id:") }.map(
                String.init)
        }
    }
}
