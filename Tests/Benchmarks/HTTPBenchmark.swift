import Glibc
import HTTP
import Transport
import Wire

/// Row "HTTP": requests a second with 64 keep-alive connections, beside Node and Hummingbird, and what an idle
/// connection costs.
///
/// All take turns of a few seconds, and the best turn of each counts: what else runs on the machine can only take away.
enum HTTPBenchmark: Benchmark {
    static let name = "http"
    private static let rounds = 8
    private static let seconds = 2
    private static let idleConnections = 2000

    static func run() async throws -> [Row] {
        var contestants = [HTTPContestant.ours, .node]
        var missing: [String: String] = [:]
        do {
            contestants.append(try HTTPContestant.hummingbird())
        } catch {
            missing["Hummingbird 2.28.1"] = "\(error)"
        }
        var best: [String: Turn] = [:]
        for round in 1...rounds {
            for contestant in contestants where missing[contestant.name] == nil {
                do {
                    let turn = try measure(contestant)
                    if turn.rate > best[contestant.name]?.rate ?? 0 { best[contestant.name] = turn }
                    say("round \(round): \(contestant.name) \(turn)")
                } catch {
                    missing[contestant.name] = "\(error)"
                }
            }
        }
        var rows = [("Hummingbird 2.28.1", 2.0), ("Node http", 1.3)].map { rival, factor in
            let what = "HTTP: small JSON reply, 64 keep-alive connections, against \(rival)"
            let reach = "≥ \(oneDecimal(factor)) ×"
            guard let ours = best[HTTPContestant.ours.name], let theirs = best[rival] else {
                let reason = missing[rival] ?? missing[HTTPContestant.ours.name] ?? "no turn was finished"
                return Row.notMeasured(what, reach: reach, because: reason)
            }
            let ratio = ours.rate / theirs.rate
            return Row(
                what: what, reach: reach, measured: "\(ours): \(twoDecimals(ratio)) ×", against: "\(theirs)",
                verdict: ratio >= factor ? .met : .missed)
        }
        rows.append(try await idleRow())
        return rows
    }

    static func start(_ contestant: HTTPContestant) throws -> (Child, port: UInt16) {
        let child = try contestant.start()
        while let line = child.line() {
            if line.hasPrefix("port "), let port = UInt16(line.dropFirst(5)) { return (child, port) }
        }
        throw Child.Failure(description: "\(contestant.name) does not start")
    }

    /// What a server did in one turn.
    private struct Turn: CustomStringConvertible {
        let rate: Double
        /// Microseconds of processor time for each request, which a busy machine changes less than the rate.
        let cost: Double

        var description: String { "\(Int(rate)) requests/s, \(oneDecimal(cost)) µs of processor each" }
    }

    private static func measure(_ contestant: HTTPContestant) throws -> Turn {
        let (child, port) = try start(contestant)
        defer { child.end() }
        let url = "http://127.0.0.1:\(port)\(HTTPTestServer.path)"
        _ = try wrk(url, seconds: 1)
        let before = child.processorSeconds
        let rate = try wrk(url, seconds: seconds)
        let used = child.processorSeconds - before
        return Turn(rate: rate, cost: used * 1_000_000 / max(rate * Double(seconds), 1))
    }

    private static func wrk(_ url: String, seconds: Int) throws -> Double {
        let lines = try Child(["wrk", "-t2", "-c64", "-d\(seconds)s", url]).finish().lines
        if lines.contains(where: { $0.contains("Non-2xx") }) {
            throw Child.Failure(description: "it answers something else than 200")
        }
        guard let line = lines.first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = line.split(separator: " ").last.flatMap({ Double($0) })
        else { throw Child.Failure(description: "wrk does not run") }
        return rate
    }

    /// What the server's resident memory grows by for each connection that was used once and is idle now.
    private static func idleRow() async throws -> Row {
        raiseDescriptorLimit()
        let (child, port) = try start(.ours)
        defer { child.end() }
        guard let ip = IPAddress("127.0.0.1") else { throw Child.Failure(description: "no loopback") }
        let loop = try EventLoop(name: "clients")
        let clients = IdleClients(on: loop, SocketAddress(ip, port: port))
        try await clients.open(64)
        let before = child.residentOctets
        try await clients.open(idleConnections)
        let each = Double(child.residentOctets - before) / Double(idleConnections) / 1024
        await loop.shutdown()
        return Row(
            what: "HTTP: an idle keep-alive connection", reach: "≤ 16 kB",
            measured: "\(oneDecimal(each)) kB resident (\(idleConnections) connections)", against: "-",
            verdict: each <= 16 ? .met : .missed)
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 8192)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Connections that make one request each and then say nothing.
private actor IdleClients: EventLoopBound {
    nonisolated let eventLoop: EventLoop
    private let address: SocketAddress
    private var streams: [ByteStream] = []

    init(on loop: EventLoop, _ address: SocketAddress) {
        eventLoop = loop
        self.address = address
    }

    func open(_ count: Int) async throws {
        let request = Array("GET \(HTTPTestServer.path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        for _ in 0..<count {
            let deadline = Deadline.after(.seconds(10))
            let stream = try await Dialer().connect(to: [address], on: eventLoop, deadline: deadline)
            try await stream.write(request, deadline: deadline)
            guard try await stream.fill(deadline: deadline) > 0 else { throw TransportError.closed }
            stream.input = InputBuffer()
            streams.append(stream)
        }
    }
}
