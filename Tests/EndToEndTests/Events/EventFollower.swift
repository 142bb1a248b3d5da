import Foundation
import MailServers
import Synchronization
import Testing

/// One block of a `text/event-stream`.
struct StreamBlock: Sendable, Equatable {
    var id: String?
    var event: String?
    var data: String?

    var json: JSONValue { data.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null }
}

/// Follows the event stream on a thread, as a client does that can set headers.
final class EventFollower: Sendable {
    private struct State {
        var rest = ""
        var blocks: [StreamBlock] = []
        /// How the stream ended; nil while it is open.
        var end: Result<TestHTTPResponse, any Error>?
    }

    private let state = Mutex(State())

    init(_ api: APIClient, _ query: String = "", lastEventID: String? = nil) {
        let headers = [("Accept", "text/event-stream")] + (lastEventID.map { [("Last-Event-ID", $0)] } ?? [])
        let http = api.http
        Task(name: "event follower") {
            let end: Result<TestHTTPResponse, any Error>
            do {
                end = .success(
                    try await http.send("GET", "/v1/events\(query)", headers: headers) { self.take($0) })
            } catch {
                end = .failure(error)
            }
            self.state.withLock { $0.end = end }
        }
    }

    private func take(_ bytes: [UInt8]) {
        state.withLock { state in
            // Pieces end between blocks, or between characters of ASCII, in these tests.
            state.rest += String(decoding: bytes, as: UTF8.self)
            while let end = state.rest.range(of: "\n\n") {
                state.blocks.append(Self.block(String(state.rest[..<end.lowerBound])))
                state.rest.removeSubrange(..<end.upperBound)
            }
        }
    }

    private static func block(_ text: String) -> StreamBlock {
        var block = StreamBlock()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1].trimmingPrefix(" ")) : ""
            switch parts[0] {
            case "id": block.id = value
            case "event": block.event = value
            case "data": block.data = value
            default: break
            }
        }
        return block
    }

    var blocks: [StreamBlock] { state.withLock { $0.blocks } }

    /// Blocks that are events.
    var events: [StreamBlock] { blocks.filter { $0.data != nil && $0.event != "problem" } }

    var sequences: [Int] { events.compactMap { $0.id.flatMap { Int($0) } } }

    /// The id that a browser would come back with.
    var lastID: String? { blocks.last { $0.id != nil }?.id }

    var end: Result<TestHTTPResponse, any Error>? { state.withLock { $0.end } }

    /// Returns once the server has accepted the stream.
    func opened() async throws { try await eventually("the stream is open") { !blocks.isEmpty } }

    func ended(within limit: Duration = .seconds(30)) async throws -> Result<TestHTTPResponse, any Error> {
        try await eventually("the stream ends", within: limit) { end != nil }
        return try #require(end)
    }
}
