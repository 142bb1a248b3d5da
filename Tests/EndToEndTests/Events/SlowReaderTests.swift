import Foundation
import MailServers
import Testing

/// A client that does not read costs no memory and is not kept.
@Suite(.timeLimit(.minutes(4)))
struct SlowReaderTests {
    @Test func `whoever does not read is dropped, has cost no memory, and goes on later without a hole`() async throws {
        let bridge = try await Bridge.start()
        let host = try await MailHost.shared()
        // An account whose description is large, so that few events are more than any socket holds.
        let certificate = host.authority.certificatePEM
        let large = String(repeating: certificate, count: (250 << 10) / certificate.utf8.count)
        let draft = Endpoint.sender.setting("/smtp/tls/caCertificates", to: .string(large))
        let account = try await bridge.addAccount(draft, query: "?verify=false")

        let port = bridge.api.port
        let connection = try TestHTTPConnection(port: port, timeout: 90)
        try connection.sendRequest(
            "GET", "/v1/events?after=0",
            headers: [
                ("Accept", "text/event-stream"), ("Authorization", "Bearer \(MailbridgeProcess.adminToken)"),
            ])
        let before = try bridge.process.residentMemory
        for number in 0..<80 {
            _ = try await bridge.api.patch(account.path, ["name": .string("\(number)")]).expecting(200)
        }
        // Twenty megabytes wait in the log. The page that this stream holds is all it may cost.
        let grown = try bridge.process.residentMemory - before
        #expect(grown < 24 << 20, "\(grown >> 20) MB")
        try await eventually("the stream is dropped", within: .seconds(90)) {
            try await bridge.api.get("/metrics").text.contains("mailbridge_event_streams 0\n")
        }
        let (received, error) = await read(connection)
        #expect(error != nil, "the end of a stream that broke off must not look like a good one")
        let seen = received.components(separatedBy: "\n\n").dropLast().compactMap { block in
            block.split(separator: "\n").first { $0.hasPrefix("id: ") }.flatMap { Int($0.dropFirst(4)) }
        }
        let last = try #require(seen.last)
        #expect(last < 81)
        let follower = EventFollower(bridge.api, lastEventID: "\(last)")
        try await eventually("the rest comes") { follower.sequences.last == 81 }
        #expect(seen.dropFirst() + follower.sequences == Array(1...81))
    }

    /// All that had arrived, and how it ended.
    private func read(_ connection: TestHTTPConnection) async -> (String, (any Error)?) {
        do {
            return try await onThread {
                var received: [UInt8] = []
                do {
                    _ = try connection.readResponse { received += $0 }
                    return (String(decoding: received, as: UTF8.self), nil)
                } catch {
                    return (String(decoding: received, as: UTF8.self), error)
                }
            }
        } catch {
            return ("", error)
        }
    }
}
