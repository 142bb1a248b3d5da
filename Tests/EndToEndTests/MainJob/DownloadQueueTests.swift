import Foundation
import MailServers
import Testing

/// Downloads whose readers take their time, beside requests that want an answer now.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct DownloadQueueTests {
    @Test func `twenty downloads that nobody reads keep no list waiting`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let large = try TestMail.randomOctets(25 << 20)
        try await account.host.dovecot.seed(account.user, [SeedMessage(TestMail.large(large))])
        let id = try await account.onlyMessage()["id"]
        let path = try account.message(id) + "/attachments/2"
        let request = "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(MailbridgeProcess.adminToken)\r\n\r\n"
        // Their sockets fill up; then each that has a session holds it.
        let readers = try (0..<20).map { _ in try TestHTTPConnection(port: bridge.process.client.port) }
        for reader in readers.prefix(2) { try reader.send(request) }
        for reader in readers.prefix(2) { #expect(try reader.readHead().status == 200) }
        for reader in readers.dropFirst(2) { try reader.send(request) }
        for _ in 0..<5 {
            let list = try await account.api.get(
                "\(account.path)/messages?mailbox=inbox", headers: [("Prefer", "wait=20")])
            #expect(try list.expecting(200)["data"].array.count == 1)
        }
        // Many at once share what is left.
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await account.api.get(account.message(id), headers: [("Prefer", "wait=20")]).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 20))
        for reader in readers { reader.stream.interrupt() }
        try await bridge.process.stop()
    }
}
