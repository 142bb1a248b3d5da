import IMAP
import SASL
import Wire

enum IMAPProbes {
    static func responses(_ bytes: [UInt8]) throws(BrokenPromise) {
        let whole = read([bytes[...]])
        let cut = read(pieces(bytes))
        try expect(whole == cut, "IMAP responses differ where they arrive in two pieces")
        let octets = whole.octets
        try expect(octets <= 4 * bytes.count + 64, "\(bytes.count) octets of IMAP were kept as \(octets)")
    }

    /// A session in which everything runs that can, so that each response meets somebody who takes it.
    static func session(_ bytes: [UInt8]) throws(BrokenPromise) {
        for preparation in 0..<3 {
            var session = IMAPSession()
            var outcomes = 0
            var expected = 0
            func submit<Command: IMAPCommand>(_ command: Command) {
                expected += 1
                session.submit(Flight(command) { _ in outcomes += 1 })
                _ = session.takeOutput()
            }
            let greeting =
                preparation == 0 ? "* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] hi" : "* PREAUTH [CAPABILITY \(all)] hi"
            receive(greeting + "\r\n", &session)
            switch preparation {
            case 0:
                let mechanism = LOGIN(username: "u", password: Secret("p"))
                if let command = try? AuthenticateCommand(mechanism, capabilities: session.capabilities) {
                    submit(command)
                }
            case 1:
                submit(SelectCommand(.inbox))
                receive("* 9 EXISTS\r\nA1 OK done\r\n", &session)
                submit(FetchCommand(.uids(.all), items: FetchItem.summary))
                submit(SearchCommand(.all))
                submit(MoveCommand(.uids(UIDSet(3)), to: MailboxName("x")))
            default:
                submit(ListCommand(status: StatusItem.counts))
                submit(SelectCommand(.inbox))
                submit(IdleCommand())
            }
            var framer = ResponseFramer(limits: limits)
            var parser = ResponseParser(limits: limits)
            framer.input.append(bytes)
            do {
                while case .response = try framer.next() {
                    let response = framer.withFrame { parser.parse($0) }
                    framer.discardFrame()
                    _ = try session.receive(response)
                    _ = session.takeOutput()
                }
            } catch {}
            session.endIdle()
            session.fail(.closed)
            try expect(session.isQuiet, "an IMAP session still waits after its end")
            try expect(outcomes == expected, "\(expected) IMAP commands had \(outcomes) outcomes")
        }
    }

    private static let all =
        "IMAP4rev1 UIDPLUS MOVE IDLE ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE OBJECTID"

    private static let limits: IMAPLimits = {
        var limits = IMAPLimits()
        limits.inlineLiteral = 64
        limits.frame = 1 << 20
        return limits
    }()

    private static func receive(_ text: String, _ session: inout IMAPSession) {
        guard let answers = read([Array(text.utf8)[...]]).responses else { return }
        for answer in answers { _ = try? session.receive(answer) }
    }

    struct Outcome: Equatable {
        var responses: [IMAPResponse]?
        var octets = 0
    }

    /// Framer and parser together, as a driver uses them.
    private static func read(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var framer = ResponseFramer(limits: limits)
        var parser = ResponseParser(limits: limits)
        var outcome = Outcome(responses: [])
        var literal: [UInt8] = []
        do {
            for piece in pieces {
                framer.input.append(piece)
                reading: while true {
                    switch try framer.next() {
                    case .needsMore: break reading
                    case .response:
                        let literals = framer.frameLiterals
                        outcome.responses?.append(framer.withFrame { parser.parse($0, outOfLine: literals) })
                        outcome.octets += framer.withFrame { $0.count } + literal.count
                        literal = []
                        framer.discardFrame()
                    case .literalBegan:
                        _ = framer.withFrame { parser.literalContext($0, outOfLine: framer.frameLiterals) }
                    case .literalChunk(let chunk): literal += chunk
                    case .literalEnded: framer.fillLastLiteral(literal)
                    }
                }
            }
        } catch {
            outcome.responses = nil
        }
        return outcome
    }
}
