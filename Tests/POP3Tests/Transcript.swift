import POP3
import SASL
import Testing
import Wire

/// A conversation: lines of the server begin with `S: `, those that we must say with `C: `; `C: <TLS>` is the handshake.
struct Transcript {
    let lines: [(isServer: Bool, text: String)]

    init(_ text: String) {
        lines = text.split(separator: "\n").map { line in
            (line.hasPrefix("S: "), String(line.dropFirst(3)))
        }
    }

    /// What happened, besides what was said.
    struct Outcome: Equatable {
        var events: [POP3Action] = []
        var error: POP3Error?
    }

    /// Plays it; what the server says at once comes in pieces of `piece` octets.
    ///
    /// After `ready`, `commands` are sent, pipelined where there are several, then QUIT.
    func play(
        _ settings: POP3SessionSettings, commands: [POP3Command] = [], quits: Bool = true, piece: Int = .max
    ) -> Outcome {
        var session = POP3Session(settings)
        var outcome = Outcome()
        var input = InputBuffer()
        var index = 0
        var said: [UInt8] = []
        var commands = commands

        func expectSaid() {
            while index < lines.count, !lines[index].isServer {
                let wanted = Array((lines[index].text + "\r\n").utf8)
                if lines[index].text == "<TLS>" { break }
                guard said.starts(with: wanted) else { return }
                said.removeFirst(wanted.count)
                index += 1
            }
        }

        func act(_ action: POP3Action) {
            switch action {
            case .send(let bytes): said += bytes
            case .startTLS:
                #expect(lines[index].text == "<TLS>")
                index += 1
                act(session.tlsEstablished())
            case .ready, .endOfContent, .reply, .closed, .content: note(action)
            case .wait: break
            }
            if session.isIdle {
                if !commands.isEmpty {
                    said += session.submit(commands)
                    commands = []
                } else if quits {
                    said += session.quit()
                }
            }
            expectSaid()
        }

        // Content in pieces is content all the same.
        func note(_ action: POP3Action) {
            if case .content(let more) = action, case .content(let before)? = outcome.events.last {
                outcome.events[outcome.events.count - 1] = .content(before + more)
            } else {
                outcome.events.append(action)
            }
        }

        do throws(POP3Error) {
            while index < lines.count {
                var octets: [UInt8] = []
                while index < lines.count, lines[index].isServer {
                    octets += Array((lines[index].text + "\r\n").utf8)
                    index += 1
                }
                if octets.isEmpty {
                    Issue.record("\(lines[index].text) was not said; said: \(String(decoding: said, as: UTF8.self))")
                    return outcome
                }
                var rest = octets[...]
                while !rest.isEmpty {
                    input.append(rest.prefix(piece))
                    rest = rest.dropFirst(piece)
                    while let action = try session.receive(&input) { act(action) }
                }
            }
            if !said.isEmpty { Issue.record("said too much: \(String(decoding: said, as: UTF8.self))") }
        } catch {
            outcome.error = error
        }
        return outcome
    }

    /// The same, whole and in pieces of every size: the outcome must not differ.
    func playCut(
        _ settings: POP3SessionSettings, commands: [POP3Command] = [], quits: Bool = true
    ) -> Outcome {
        let whole = play(settings, commands: commands, quits: quits)
        let longest = lines.map(\.text.utf8.count).max() ?? 0
        for piece in 1...(longest + 3) {
            #expect(play(settings, commands: commands, quits: quits, piece: piece) == whole, "pieces of \(piece)")
        }
        return whole
    }
}

extension POP3SessionSettings {
    static func password(
        _ name: String = "mrose", _ password: String = "tanstaaf", startsTLS: Bool = false, isEncrypted: Bool = false,
        allowsClearText: Bool = false
    ) -> POP3SessionSettings {
        POP3SessionSettings(
            credentials: .password(username: name, password: Secret(password)), startsTLS: startsTLS,
            isEncrypted: isEncrypted, allowsClearText: allowsClearText)
    }
}
