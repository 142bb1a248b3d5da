import Foundation
import MailServers
import Testing

/// A browser's own EventSource, from another origin, with a ticket, over a restart of the program.
@Suite(.timeLimit(.minutes(5)))
struct BrowserEventTests {
    private static let browser = try? Command.locate("chromium-headless-shell")
    private static let mustRun = browser != nil || ProcessInfo.processInfo.environment["CI"] != nil

    @Test(.enabled(if: mustRun, "chromium-headless-shell is not installed: make deps"))
    func `sees every event once, before and after a power failure`() async throws {
        let browser = try #require(Self.browser)
        let port = try #require(try LoopbackPort.pick(1).first)
        let settings = [
            "MAILBRIDGE_LISTEN": "127.0.0.1:\(port)", "MAILBRIDGE_CORS_ORIGINS": "http://app.example",
        ]
        var bridge = try await Bridge.start(settings: settings)
        let account = try await bridge.addAccount(Endpoint.sender, query: "?verify=false")
        let other = try await bridge.addAccount(Endpoint.sender, query: "?verify=false")
        let ticket = try await bridge.api.post("/v1/events/tickets", ["accounts": [.string(account.id)]])
            .expecting(201)
        let url = "http://127.0.0.1:\(port)\(ticket["url"].string ?? "")&after=0"
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "eventsource.py")
            .path(percentEncoded: false)
        let page = try await onThread {
            try ChildProcess([Python.interpreter(), script, browser, url, "4"])
        }
        func said(_ line: String) async throws {
            try await eventually("the page says \"\(line)\"", within: .seconds(60)) {
                guard page.isRunning || page.output.text.contains(line) else { throw ServerFailure(page.output.text) }
                return page.output.text.contains(line)
            }
        }
        try await said("open")
        try await said("event 1 1 account.created \(account.id)")
        for name in ["one", "two"] {
            _ = try await bridge.api.patch(other.path, ["name": .string(name)]).expecting(200)
            _ = try await bridge.api.patch(account.path, ["name": .string(name)]).expecting(200)
        }
        try await said("event 6 6 account.updated \(account.id)")
        try await bridge.process.kill()
        bridge = try await bridge.restart(settings: settings)
        _ = try await bridge.api.delete(account.path).expecting(204)
        try await said("event 7 7 account.deleted \(account.id)")
        #expect(try await onThread { try page.waitUntilExit() } == 0)
        let events = page.output.text.split(separator: "\n").filter { $0.hasPrefix("event ") }
        #expect(events.map { $0.split(separator: " ")[1] } == ["1", "4", "6", "7"])
        // A page of another origin may not read it.
        let denied = try await bridge.api.get("/v1/events", headers: [("Origin", "http://evil.example")])
        #expect(denied["Access-Control-Allow-Origin"] == nil)
        let allowed = try await bridge.api.get("/v1/events", headers: [("Origin", "http://app.example")])
        #expect(allowed["Access-Control-Allow-Origin"] == "http://app.example")
        // The ticket is in no log.
        #expect(!bridge.process.output.contains(ticket["ticket"].string ?? "?"))
    }
}
