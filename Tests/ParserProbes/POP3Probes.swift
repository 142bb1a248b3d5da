import POP3
import SASL
import Wire

enum POP3Probes {
    /// A session in which everything runs that can, to its end or its first fault.
    static func session(_ bytes: [UInt8]) throws(BrokenPromise) {
        for commands: [POP3Command] in [
            [], [.list, .uniqueIDs], [.top(1, lines: 0), .retrieve(2), .delete(1)],
        ] {
            let whole = read([bytes[...]], commands)
            try expect(whole == read(pieces(bytes), commands), "a POP3 session differs where it arrives in two pieces")
            try expect(whole.octets <= bytes.count, "\(bytes.count) octets of POP3 became \(whole.octets)")
        }
    }

    private struct Outcome: Equatable {
        var events: [POP3Action] = []
        var entries: [POP3Entry] = []
        var octets = 0
        var hasFailed = false
    }

    private static func read(_ pieces: [ArraySlice<UInt8>], _ commands: [POP3Command]) -> Outcome {
        var session = POP3Session(
            POP3SessionSettings(
                credentials: .password(username: "u", password: Secret("p")), isEncrypted: true))
        var input = InputBuffer()
        var outcome = Outcome()
        var listing = POP3Listing()
        if !commands.isEmpty {
            // Logged in at once, so that the input meets the commands.
            input.append(Array("+OK\r\n-ERR\r\n+OK\r\n+OK\r\n".utf8))
            while let action = try? session.receive(&input) { if action == .ready { break } }
            _ = session.submit(commands)
        }
        var left = commands[...]
        do {
            for piece in pieces {
                input.append(piece)
                while let action = try session.receive(&input) {
                    switch action {
                    case .content(let octets):
                        outcome.octets += octets.count
                        if let command = left.first, command == .list || command == .uniqueIDs {
                            try listing.add(octets, of: command)
                        }
                    case .endOfContent: left = left.dropFirst()
                    case .reply(let reply):
                        if !reply.isOK || left.first?.hasContent != true { left = left.dropFirst() }
                        outcome.events.append(action)
                        _ = (reply.refusal, reply.description)
                    case .ready, .startTLS, .closed, .send: outcome.events.append(action)
                    case .wait: break
                    }
                    if session.isIdle, left.isEmpty { _ = session.quit() }
                }
            }
        } catch {
            outcome.hasFailed = true
            // How far it got before the fault depends on the cut.
            return Outcome(hasFailed: true)
        }
        outcome.entries = listing.entries
        return outcome
    }
}
