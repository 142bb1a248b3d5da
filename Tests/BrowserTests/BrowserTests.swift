import Foundation
import SafeHTML
import Testing

/// Safe HTML in a real browser: nothing runs, nothing is fetched, and it sees the elements that were written, no others.
@Suite(.serialized) struct `A browser` {
    struct Report: Decodable {
        var ran: [Int]
        var handlers: [Int]
        var different: [Int]
        var clobbered: Bool
        var requests: [String]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// The first of Chromium's names that is there; that it is missing fails the tests, as with any other server.
    private static let browser: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        for name in ["chromium-headless-shell", "chromium", "google-chrome"] {
            for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                return "\(folder)/\(name)"
            }
        }
        return nil
    }()

    @Test(.timeLimit(.minutes(5)))
    func `runs and loads nothing of safe html`() throws {
        let file = Self.folder.deletingLastPathComponent().appendingPathComponent("SafeHTMLTests/Fixtures/vectors.txt")
        let vectors = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("# ") }
            .map { String($0).replacing("\\n", with: "\n").replacing("\\t", with: "\t").replacing("\\0", with: "\0") }
        let safe = try vectors.map { try #require(SafeHTML($0, addresses: [:]), "\($0)").html }
        #expect(safe.count > 150)
        let report = try show(safe)
        #expect(report.ran == [], "\(report.ran.map { safe[$0] })")
        #expect(report.handlers == [], "\(report.handlers.map { safe[$0] })")
        #expect(report.different == [], "\(report.different.map { safe[$0] })")
        #expect(report.requests == [] && !report.clobbered)
    }

    /// Without this the test above could pass because it sees nothing.
    @Test(.timeLimit(.minutes(5)))
    func `does run and load what is not safe`() throws {
        let report = try show([
            "<img src=x onerror=canary()>", "<svg/onload=canary()>", "<img src=http://listener.example/a.png>",
            "<p style=\"background:url(http://listener.example/b.png)\">x</p>", "<p>a<div>b</div></p>",
            "<a href=javascript:canary()>x</a>", "<img name=getElementById>", "<p>x</p>",
        ])
        #expect(Set(report.ran).isSuperset(of: [0, 1]) && Set(report.handlers).isSuperset(of: [0, 1, 5]))
        #expect(Set(report.different) == [4] && report.clobbered)
        #expect(Set(report.requests).isSuperset(of: ["/x", "/a.png", "/b.png"]))
    }

    private func show(_ pieces: [String]) throws -> Report {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let browser = try #require(Self.browser, "chromium-headless-shell is not installed: make deps")
        process.arguments = ["python3", Self.folder.appendingPathComponent("browser.py").path, browser]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The script reads all before it writes anything, so neither pipe can block the other.
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(pieces))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Report.self, from: answer)
    }
}
