import HTTP
import HTTPServer
import Logging
import Synchronization
import Testing
import Transport

struct AccessLogTests {
    /// Keeps the lines that it is given.
    private final class Lines: Sendable {
        let all = Mutex<[(level: Logger.Level, text: String, metadata: [String: String])]>([])
    }

    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).mapValues { "\($0)" }
            lines.all.withLock { $0.append((event.level, "\(event.message)", values)) }
        }
    }

    @Test func `writes one line a request, without query and fields`() async throws {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        try await TestServer.with(logger: logger) {
            $0.logsRequests = true
        } _: { server in
            let client = try await server.client()
            _ = try await client.get(
                "/items/7?token=QUERYSECRET", fields: "Authorization: Bearer FIELDSECRET\r\nX-Request-Id: id1\r\n")
            try await client.send("nonsense\r\n")
            _ = try await client.receive()
            try await client.waitForClose()
        }
        let all = lines.all.withLock { $0 }
        try #require(all.count == 2)
        #expect(all[0].level == .info && all[0].text == "request")
        #expect(all[0].metadata["request"] == "id1" && all[0].metadata["operation"] == "item")
        #expect(all[0].metadata["method"] == "GET" && all[0].metadata["path"] == "/items/7")
        #expect(all[0].metadata["status"] == "200" && all[0].metadata["octets"] == "1")
        #expect(all[0].metadata["peer"] == "127.0.0.1" && all[0].metadata["milliseconds"] != nil)
        #expect(all[1].metadata["status"] == "400" && all[1].metadata["method"] == nil)
        #expect(!all.contains { $0.metadata.values.contains { $0.contains("SECRET") } })
    }
}
