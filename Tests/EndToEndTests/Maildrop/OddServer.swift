import Foundation
import MailServers

/// The server of `oddpop.py`.
final class OddServer: Sendable {
    let port: UInt16
    private let child: ChildProcess

    init(_ habits: [String]) throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "oddpop.py")
        child = try ChildProcess([try Command.locate("python3"), script.path(percentEncoded: false)] + habits)
        let line = try child.output.waitForLine(containing: "PORT ", seconds: 30)
        guard let port = line.split(separator: " ").last.flatMap({ UInt16($0) }) else { throw ServerFailure(line) }
        self.port = port
    }

    deinit { child.closeInput() }

    /// What a client sends to add an account of it.
    func draft(retention: String = "keep") -> JSONValue {
        [
            "email": "odd@example.test", "credentials": ["username": "odd", "password": "odd"],
            "pop3": [
                "host": "127.0.0.1", "port": .number(Double(port)), "security": "none",
                "retention": ["policy": .string(retention)],
            ],
        ]
    }

    func put(_ id: String, _ subject: String, body: String = "Hello.") { tell("put", id, subject, body) }
    func give(_ id: String, _ subject: String, body: String) { tell("give", id, subject, body) }
    func drop(_ id: String) { say("drop \(id)") }
    func sick(_ id: String) { say("sick \(id)") }
    func heal(_ id: String) { say("heal \(id)") }

    /// How many logins there were, and the most at once.
    func logins() async throws -> (all: Int, most: Int) {
        let child = child
        return try await onThread {
            let before = child.output.text.components(separatedBy: "LOGINS ").count
            child.write(Array("LOGINS\n".utf8))
            for _ in 0..<1_000 {
                let parts = child.output.text.components(separatedBy: "LOGINS ")
                if parts.count > before, let line = parts.last?.split(separator: "\n").first {
                    let numbers = line.split(separator: " ").compactMap { Int($0) }
                    if numbers.count == 2 { return (numbers[0], numbers[1]) }
                }
                // Sound: the answer is a line that a process prints
                usleep(10_000)
            }
            throw ServerFailure("no answer to LOGINS")
        }
    }

    private func tell(_ verb: String, _ id: String, _ subject: String, _ body: String) {
        let message = Data(TestMail.plain(subject, body: body)).base64EncodedString()
        say("\(verb) \(id) \(message)")
    }

    private func say(_ line: String) { child.write(Array("\(line)\n".utf8)) }
}
