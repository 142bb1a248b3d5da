import Foundation
import MailServers
import Synchronization

/// Row "attachment of 25 MB": a download beside a raw client that throws the same part away, what the program grows by
/// meanwhile, and what twenty at once do to a list.
enum AttachmentBenchmark: Benchmark {
    static let name = "attachment"
    private static let rounds = 6
    private static let downloads = 20

    static func run() async throws -> [Row] {
        let bridge = try await BenchmarkBridge.start()
        try await bridge.dovecot.seed(
            bridge.user,
            [SeedMessage(large(octets: 25 << 20))] + (0..<200).map { SeedMessage(IMAPFetchBenchmark.message($0)) })
        let listed = try await bridge.process.client.get("\(bridge.account)/messages?mailbox=inbox&sort=-size&limit=1")
        guard let id = try listed.json["data"][0]["id"].string else { throw ServerFailure(listed.text) }
        let target = "\(bridge.account)/messages/\(id)/attachments/2"
        let rows = try await onThread { try [throughput(bridge, target), growth(bridge, target)] }
        let crowded = try await crowd(bridge, target)
        try await bridge.process.stop()
        return rows + [crowded]
    }

    private static func throughput(_ bridge: BenchmarkBridge, _ target: String) throws -> Row {
        let client = try bridge.client()
        let server = try bridge.server()
        var ours: [Duration] = []
        var raw: [Duration] = []
        for round in 0...rounds {
            let start = ContinuousClock.now
            let octets = try client.get(target, token: bridge.token)
            let download = ContinuousClock.now - start
            guard octets == 25 << 20 else { throw ServerFailure("\(octets) octets") }
            let fetch = try server.time("UID FETCH 1 (UID BODY.PEEK[2])")
            say("round \(round): \(download.milliseconds), the server's own \(fetch.milliseconds)")
            // Everybody's first turn reads from the disk.
            if round > 0 { (ours, raw) = (ours + [download], raw + [fetch]) }
        }
        let (best, rival) = (ours.min() ?? .zero, raw.min() ?? .zero)
        let ratio = rival / best
        let rate = 25.0 / (best / .seconds(1))
        return Row(
            what: "attachment of 25 MB: throughput", reach: "≥ 0.8 ×",
            measured: "\(best.milliseconds) (\(Int(rate)) MB/s decoded): \(twoDecimals(ratio)) ×",
            against: "\(rival.milliseconds) for the part in base64, raw", verdict: ratio >= 0.8 ? .met : .missed)
    }

    private static func growth(_ bridge: BenchmarkBridge, _ target: String) throws -> Row {
        let before = try bridge.process.residentMemory
        let process = bridge.process
        let peak = Peak()
        let watcher = Thread {
            while peak.isWatching {
                if let now = try? process.residentMemory { peak.note(now) }
                // Sound: the kernel tells nobody when a process grows.
                usleep(2_000)
            }
        }
        watcher.start()
        let client = try bridge.client()
        for _ in 0..<3 { _ = try client.get(target, token: bridge.token) }
        let growth = peak.finish() - before
        return Row(
            what: "attachment of 25 MB: growth of resident memory", reach: "< 4 MB",
            measured: "\(growth >> 10) kB at the most", against: "\(before >> 20) MB before",
            verdict: growth < 4 << 20 ? .met : .missed)
    }

    /// Lists while twenty downloads run, beside lists while nothing else does.
    private static func crowd(_ bridge: BenchmarkBridge, _ target: String) async throws -> Row {
        let list = "\(bridge.account)/messages?mailbox=inbox&limit=50"
        let alone = try await onThread { try times(bridge, list, count: 60) { true } }
        let running = Countdown(downloads)
        let crowded = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<downloads {
                group.addTask {
                    defer { running.countDown() }
                    return try await onThread {
                        let client = try bridge.client()
                        for _ in 0..<3 {
                            do {
                                _ = try client.get(target, token: bridge.token)
                            } catch let failure as Child.Failure where failure.description.contains("HTTP/1.1 503") {
                                running.noteRefusal(failure.description)
                                return []
                            }
                        }
                        return []
                    }
                }
            }
            group.addTask {
                try await onThread { try times(bridge, list, count: .max) { running.left == downloads } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        if let refusal = running.refusals.first { say("\(running.refusals.count) downloads refused: \(refusal)") }
        guard crowded.count > 4 else {
            return .notMeasured(
                "attachment of 25 MB: 20 downloads at once, a list meanwhile", reach: "p50 ≤ 2 ×",
                because: "only \(crowded.count) lists were answered while all downloads ran")
        }
        let ratio = crowded.median / alone.median
        return Row(
            what: "attachment of 25 MB: 20 downloads at once, a list meanwhile", reach: "p50 ≤ 2 ×",
            measured:
                "\(crowded.median.milliseconds) (\(crowded.count) lists, \(running.refusals.count) downloads refused): "
                + "\(twoDecimals(ratio)) ×",
            against: "\(alone.median.milliseconds) alone",
            verdict: ratio <= 2 && running.refusals.isEmpty ? .met : .missed)
    }

    private static func times(
        _ bridge: BenchmarkBridge, _ target: String, count: Int, while goesOn: @Sendable () -> Bool
    ) throws -> [Duration] {
        let client = try bridge.client()
        _ = try client.get(target, token: bridge.token)
        var times: [Duration] = []
        while times.count < count, goesOn() {
            let start = ContinuousClock.now
            _ = try client.get(target, token: bridge.token)
            times.append(ContinuousClock.now - start)
        }
        return times
    }

    private static func large(octets: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var content = Data(capacity: octets)
        while content.count < octets { withUnsafeBytes(of: generator.next()) { content.append(contentsOf: $0) } }
        let head = """
            From: alice@example.test\r\nTo: bob@example.test\r\nSubject: Large\r\nMIME-Version: 1.0\r
            Content-Type: multipart/mixed; boundary="=-b"\r\n\r\n--=-b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r
            --=-b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=large.bin\r
            Content-Transfer-Encoding: base64\r\n\r\n
            """
        let lines = content.prefix(octets).base64EncodedData(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return Array(head.utf8) + [UInt8](lines) + Array("\r\n--=-b--\r\n".utf8)
    }
}

/// Tasks that still run.
private final class Countdown: Sendable {
    private let count: Mutex<Int>
    private let refused = Mutex<[String]>([])

    init(_ count: Int) { self.count = Mutex(count) }

    var left: Int { count.withLock { $0 } }
    var refusals: [String] { refused.withLock { $0 } }
    func noteRefusal(_ text: String) { refused.withLock { $0.append(text) } }
    func countDown() { count.withLock { $0 -= 1 } }
}

/// The most that was seen of something while it was watched.
private final class Peak: Sendable {
    private let state = Mutex((most: 0, isWatching: true))

    var isWatching: Bool { state.withLock { $0.isWatching } }

    func note(_ value: Int) { state.withLock { $0.most = max($0.most, value) } }

    func finish() -> Int {
        state.withLock {
            $0.isWatching = false
            return $0.most
        }
    }
}
