import Foundation
import MailServers
import Synchronization

/// The server of `oddpop.py`.
final class OddServer: Sendable {
    let port: UInt16
    private let child: ChildProcess
    /// How often it was told something, and was asked for its logins.
    private let told = Mutex((commands: 0, questions: 0))

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

    // Each returns when it is so.

    func put(_ id: String, _ subject: String, body: String = "Hello.") throws { try tell("put", id, subject, body) }
    func give(_ id: String, _ subject: String, body: String) throws { try tell("give", id, subject, body) }
    func drop(_ id: String) throws { try say("drop \(id)") }
    func sick(_ id: String) throws { try say("sick \(id)") }
    func heal(_ id: String) throws { try say("heal \(id)") }

    /// How many logins there were, and the most at once.
    func logins() async throws -> (all: Int, most: Int) {
        let number = told.withLock { told in
            told.questions += 1
            return told.questions
        }
        child.write(Array("LOGINS\n".utf8))
        let child = child
        let line = try await onThread {
            try child.output.waitForLine(containing: "LOGINS ", number: number, seconds: 30)
        }
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw ServerFailure(line) }
        return (numbers[0], numbers[1])
    }

    private func tell(_ verb: String, _ id: String, _ subject: String, _ body: String) throws {
        let message = Data(TestMail.plain(subject, body: body)).base64EncodedString()
        try say("\(verb) \(id) \(message)")
    }

    private func say(_ line: String) throws {
        let number = told.withLock { told in
            told.commands += 1
            return told.commands
        }
        child.write(Array("\(line)\n".utf8))
        _ = try child.output.waitForLine(containing: "DONE", number: number, seconds: 30)
    }
}
