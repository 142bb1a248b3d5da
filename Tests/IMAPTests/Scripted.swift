import IMAP
import Testing

/// A session with a script for a server: says what goes out, takes what comes in.
final class Scripted {
    var session = IMAPSession()
    private(set) var events: [IMAPSession.Event] = []

    /// A session that was greeted.
    init(greeting: String = "* OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE IDLE ENABLE] ready") throws {
        try receive(greeting)
        events = []
    }

    /// A session with INBOX selected.
    static func selected(_ capabilities: String = "IMAP4rev1 UIDPLUS MOVE IDLE") throws -> Scripted {
        let scripted = try Scripted(greeting: "* PREAUTH [CAPABILITY \(capabilities)] hello")
        let select = scripted.submit(SelectCommand(.inbox))
        _ = scripted.sent
        try scripted.receive("* 3 EXISTS", "* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 9] ok", "A1 OK [READ-WRITE] done")
        #expect(try select.value.exists == 3)
        scripted.events = []
        return scripted
    }

    /// What the session wrote since the last look.
    var sent: String { String(decoding: session.takeOutput(), as: UTF8.self) }

    func receive(_ lines: String...) throws {
        for line in lines {
            for response in try Reading.all(Array((line + "\r\n").utf8)) {
                events.append(try session.receive(response))
            }
        }
    }

    /// Result and reference of a submitted command.
    final class Pending<Value> {
        var outcome: Result<Value, IMAPError>?
        fileprivate(set) var flight: CommandInFlight?

        var value: Value { get throws { try #require(outcome).get() } }
        var error: IMAPError? {
            guard case .failure(let error) = outcome else { return nil }
            return error
        }
    }

    @discardableResult
    func submit<Command: IMAPCommand>(_ command: Command) -> Pending<Command.Result> {
        let pending = Pending<Command.Result>()
        let flight = Flight(command) { pending.outcome = $0 }
        pending.flight = flight
        session.submit(flight)
        return pending
    }
}
