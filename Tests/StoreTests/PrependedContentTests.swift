import Database
import Model
import Store
import TestDatabases
import Testing

/// What is put before a message once its end is known.
@Suite struct PrependedContentTests {
    @Test(arguments: DatabaseFixture.all)
    func `stands before all the rest, however much that is`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let front = Array("DKIM-Signature: x\r\n".utf8)
            for count in [0, 1, 262_143, 262_144, 262_145, 600_000] {
                let content = [UInt8]((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) })
                var upload = store.submissions.beginContent(
                    for: AccountID(rawValue: "a"), at: Timestamp(milliseconds: 1), leavingRoom: true)
                for start in stride(from: 0, to: count, by: 50_000) {
                    try await upload.append(Array(content[start..<min(start + 50_000, count)]))
                }
                try await upload.prepend(front)
                #expect(upload.size == front.count + count)
                try await store.submissions.insert(.sample("s\(count)"), content: upload)
                var reader = try #require(await store.submissions.content(of: SubmissionID(rawValue: "s\(count)")))
                var found: [UInt8] = []
                while let chunk = try await reader.next() { found += chunk }
                #expect(found == front + content, "\(count)")
                #expect(reader.size == found.count)
            }
        }
    }
}
