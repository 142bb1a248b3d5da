import FoundationEssentials
import MailServers

/// Row "submissions": accepted by the built program over HTTP, each on the disk before its answer, and relayed by it to Postfix'
/// smtp-sink over the connections of one account.
///
/// They are handed over for a moment ahead, so that the two are measured one after the other.
enum SubmissionBenchmark: Benchmark {
    static let name = "submissions"
    private static let rounds = 3
    private static let seconds = 6

    static func run() async throws -> [Row] {
        var best = (accepted: 0.0, relayed: 0.0)
        for round in 1...rounds {
            let rates = try await measure()
            say("round \(round): \(Int(rates.accepted))/s accepted, \(Int(rates.relayed))/s relayed")
            best = (max(best.accepted, rates.accepted), max(best.relayed, rates.relayed))
        }
        return [
            Row(
                what: "submissions accepted over HTTP, each on the disk", reach: "≥ 3,000/s",
                measured: "\(Int(best.accepted))/s over 64 connections, \(BenchmarkDatabase.name)", against: "-",
                verdict: best.accepted >= 3000 ? .met : .missed),
            Row(
                what: "submissions relayed to smtp-sink, one account, up to 10 connections", reach: "≥ 2,500/s",
                measured: "\(Int(best.relayed))/s, each outcome on the disk, \(BenchmarkDatabase.name)", against: "-",
                verdict: best.relayed >= 2500 ? .met : .missed),
        ]
    }

    private static func measure() async throws -> (accepted: Double, relayed: Double) {
        let folder = try TemporaryFolder("bench")
        let sink = try await SMTPSink.start()
        let process = try await MailbridgeProcess.start(data: folder, settings: BenchmarkDatabase.settings())
        let account: JSONValue = [
            "email": "sender@example.test", "credentials": ["username": "u", "password": "p"],
            "smtp": ["host": "127.0.0.1", "port": .number(Double(sink.port)), "security": "none"],
        ]
        let made = try await process.client.send(
            "POST", "/v1/accounts?verify=false", headers: [("Content-Type", "application/json")],
            body: account.encoded())
        guard let id = try made.json["id"].string else { throw ServerFailure("No account: \(made.text)") }
        let due = Date(timeIntervalSinceNow: Double(seconds) + 4)
        let draft: JSONValue = [
            "to": ["joe@example.org"], "subject": "Your order has been shipped", "sendAt": .string(Self.rfc3339(due)),
            "text": .string(String(repeating: "A line of text as a notification has it.\n", count: 25)),
        ]
        try folder.write(try Self.script(draft), to: "post.lua")
        let url = "http://127.0.0.1:\(process.port)/v1/accounts/\(id)/submissions"
        let accepted = try await onThread {
            let lines = try Child(["wrk", "-t1", "-c64", "-d\(seconds)s", "-s", folder("post.lua"), url]).finish().lines
            guard !lines.contains(where: { $0.contains("Non-2xx") }),
                let line = lines.first(where: { $0.hasPrefix("Requests/sec:") }),
                let rate = line.split(separator: " ").last.flatMap({ Double($0) })
            else { throw Child.Failure(description: "wrk: \(lines)") }
            return rate
        }
        let total = try await waiting(process)
        guard total > 0, Date.now < due else { throw ServerFailure("handing over took longer than it may") }
        // Sound: until the moment that the messages wait for.
        try await Task.sleep(for: .seconds(due.timeIntervalSinceNow))
        let start = ContinuousClock.now
        // Sound: a pause between two questions that the measured program must answer too.
        while try await waiting(process) > 0 { try await Task.sleep(for: .milliseconds(50)) }
        let time = ContinuousClock.now - start
        try await process.stop()
        withExtendedLifetime(sink) {}
        return (accepted, Double(total) / (time / .seconds(1)))
    }

    private static func waiting(_ process: MailbridgeProcess) async throws -> Int {
        let text = try await process.client.send("GET", "/metrics").text
        var count = 0
        for line in text.split(separator: "\n") where line.hasPrefix("mailbridge_submissions{") {
            count += line.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }
        return count
    }

    private static func script(_ draft: JSONValue) throws -> String {
        """
        wrk.method = "POST"
        wrk.body = [==[\(String(decoding: try draft.encoded(), as: UTF8.self))]==]
        wrk.headers["Content-Type"] = "application/json"
        wrk.headers["Authorization"] = "Bearer \(MailbridgeProcess.adminToken)"

        """
    }

    private static func rfc3339(_ date: Date) -> String {
        let text = date.formatted(.iso8601)
        return text
    }
}
