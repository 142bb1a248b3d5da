import Foundation
import MailServers
import Synchronization
import Testing

/// An import flows through the program and is never held by it.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct UploadMemoryTests {
    private func send(_ raw: [UInt8], to account: MailAccount, mailbox: String) async throws -> TestHTTPResponse {
        try await account.api.send(
            "POST", "\(account.path)/messages?mailbox=\(mailbox)", headers: [("Content-Type", "message/rfc822")],
            body: raw)
    }

    @Test(arguments: [true, false])
    func `an import of almost 50 MB grows the program by less than 8 MB`(hasCRLF: Bool) async throws {
        // A program of its own: what others do would be measured along.
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        var raw = TestMail.large(try TestMail.randomOctets(35 << 20))
        let small = TestMail.large(try TestMail.randomOctets(200_000))
        let stored = raw
        if !hasCRLF { raw.removeAll { $0 == UInt8(ascii: "\r") } }
        for _ in 0..<3 { try await send(small, to: account, mailbox: "drafts").expecting(201) }
        let watch = MemoryWatch(bridge.process, from: try bridge.process.residentMemory)
        let answer = try await watch.during { try await send(raw, to: account, mailbox: "archive") }
        #expect(try answer.expecting(201)["size"].int == stored.count)
        let growth = watch.growth
        #expect(growth < 8 << 20, "grew the program by \(growth >> 10) KiB")
        #expect(try await account.stored(in: "Archive") == [stored])
        try await bridge.process.stop()
    }

    @Test func `a message above the limit is refused before it is sent, and leaves nothing`() async throws {
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_MAX_MESSAGE_BYTES": "100000"])
        let account = try await bridge.newAccount()
        let raw = TestMail.large(try TestMail.randomOctets(100_000))
        try await send(raw, to: account, mailbox: "archive").problem(413, "content-too-large")
        #expect(try await account.list("mailbox=archive")["data"] == [])
        let files = try FileManager.default.contentsOfDirectory(atPath: bridge.folder.path)
        #expect(!files.contains { $0.contains("spool") })
        try await bridge.process.stop()
    }

    @Test func `an import with a key happens once, and another body is told apart`() async throws {
        let account = try await Bridge.shared().newAccount()
        let headers = [("Content-Type", "message/rfc822"), ("Idempotency-Key", "import-\(account.id)")]
        let target = "\(account.path)/messages?mailbox=archive"
        let raw = TestMail.plain("Once")
        let first = try await account.api.send("POST", target, headers: headers, body: raw).expecting(201)
        let again = try await account.api.send("POST", target, headers: headers, body: raw).expecting(201)
        #expect(first["id"] == again["id"])
        try await account.api.send("POST", target, headers: headers, body: TestMail.plain("Other"))
            .problem(422, "idempotency-key-reused")
        #expect(try await account.stored(in: "Archive") == [raw])
    }
}

/// The most memory that a program had while something ran.
final class MemoryWatch: Sendable {
    private let process: MailbridgeProcess
    private let start: Int
    private let peak: Mutex<Int>

    init(_ process: MailbridgeProcess, from start: Int) {
        self.process = process
        self.start = start
        peak = Mutex(start)
    }

    var growth: Int { peak.withLock { $0 } - start }

    func during<Value>(_ body: () async throws -> Value) async throws -> Value {
        let watcher = Task(name: "memory watch") {
            while !Task.isCancelled {
                let resident = try self.process.residentMemory
                self.peak.withLock { $0 = max($0, resident) }
                // Sound: between two measurements; what is measured ends the loop.
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        defer { watcher.cancel() }
        return try await body()
    }
}
