import MailServers

/// Row "start": from the first moment of the process to the first answer, with an empty store, and what it has resident then.
enum StartBenchmark: Benchmark {
    static let name = "start"
    private static let rounds = 9

    static func run() async throws -> [Row] {
        var times: [Duration] = []
        var resident = 0
        for round in 0...rounds {
            let folder = try TemporaryFolder("bench")
            let settings = try await BenchmarkDatabase.settings()
            let start = ContinuousClock.now
            let process = try await MailbridgeProcess.start(data: folder, settings: settings)
            let status = try await onThread {
                try RawReader(port: process.port).get("/v1/accounts", token: MailbridgeProcess.adminToken)
            }
            let time = ContinuousClock.now - start
            let memory = try process.residentMemory
            say("round \(round): \(time.milliseconds), \(memory >> 10) kB, an answer of \(status) octets")
            // The first reads the program from the disk.
            if round > 0 { times.append(time) }
            resident = max(resident, memory)
            try await process.stop()
            withExtendedLifetime(folder) {}
        }
        let isQuick = times.median <= .milliseconds(100)
        return [
            Row(
                what: "start with an empty store, to the first answer", reach: "≤ 100 ms",
                measured: "\(times.median.milliseconds) (best \((times.min() ?? .zero).milliseconds))", against: "-",
                verdict: isQuick ? .met : .missed),
            Row(
                what: "resident memory after the first answer", reach: "≤ 30 MB",
                measured: "\(oneDecimal(Double(resident) / 1_048_576)) MB", against: "-",
                verdict: resident <= 30 << 20 ? .met : .missed),
        ]
    }
}
