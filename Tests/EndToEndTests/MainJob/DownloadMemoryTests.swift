import Foundation
import MailServers
import Synchronization
import Testing

/// A download flows through the program and is never held by it.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct DownloadMemoryTests {
    @Test func `a download of 25 MB grows the program by less than 4 MB`() async throws {
        // A program of its own: what others do would be measured along.
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let small = try TestMail.randomOctets(200_000)
        let large = try TestMail.randomOctets(25 << 20)
        let raw = TestMail.large(large)
        try await account.seed([SeedMessage(TestMail.large(small)), SeedMessage(raw)])
        let messages = try await account.list("mailbox=inbox")["data"].array
        try #require(messages.count == 2)
        for suffix in ["raw", "attachments/2"] {
            for _ in 0..<3 {
                let warm = try await bridge.api.get("\(account.message(messages[1]["id"]))/\(suffix)")
                #expect(warm.status == 200)
                if suffix != "raw" { #expect(Data(warm.body) == small) }
            }
        }
        for (suffix, expected) in [("attachments/2", large), ("raw", Data(raw))] {
            let before = try bridge.process.residentMemory
            let progress = Mutex((offset: 0, peak: 0, differs: false))
            let process = bridge.process
            let answer = try await bridge.api.send("GET", "\(account.message(messages[0]["id"]))/\(suffix)") { chunk in
                let resident = try process.residentMemory
                progress.withLock { progress in
                    let end = progress.offset + chunk.count
                    if end > expected.count || expected[progress.offset..<end] != Data(chunk) {
                        progress.differs = true
                    }
                    progress.offset = end
                    progress.peak = max(progress.peak, resident)
                }
            }
            #expect(answer.status == 200)
            let (received, peak, differs) = progress.withLock { ($0.offset, $0.peak, $0.differs) }
            #expect(received == expected.count)
            #expect(!differs)
            #expect(peak - before < 4 << 20, "\(suffix) grew the program by \((peak - before) >> 10) KiB")
        }
        try await bridge.process.stop()
    }
}
