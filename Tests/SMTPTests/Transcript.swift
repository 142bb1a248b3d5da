import FoundationEssentials
import SASL
import SMTP
import Wire

/// A conversation from a `.transcript` file.
///
/// `C:` and `S:` lines are as in an RFC; `>` lines are the content of the `@ send` above them.
struct Transcript: CustomStringConvertible {
    enum Step {
        case client([UInt8])
        case server([UInt8])
        case handshake
        case send(SMTPEnvelope, content: [UInt8])
        case expect([SubmissionOutcome.Disposition])
        case quit
    }

    let description: String
    var settings = SMTPSessionSettings()
    var steps: [Step] = []

    static let folder = #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.startIndex) + "/Fixtures"

    static var all: [Transcript] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: String(folder)).sorted()
                .filter { $0.hasSuffix(".transcript") }.map(Transcript.init)
        }
    }

    init(_ name: String) throws {
        description = name
        let text = String(
            decoding: FileManager.default.contents(atPath: "\(Self.folder)/\(name)") ?? Data(), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let body = line.dropFirst(line.hasPrefix(">") || line.hasPrefix("@") ? 2 : 3)
            switch line.prefix(2) {
            case "C:": steps.append(.client(Array("\(body)\r\n".utf8)))
            case "S:": appendServer(Array("\(body)\r\n".utf8))
            case "> ": appendContent(Array("\(body)\r\n".utf8))
            case "@ ": try read(body.split(separator: " ").map(String.init))
            default: continue
            }
        }
    }

    private mutating func read(_ words: [String]) throws {
        switch words[0] {
        case "client": settings.clientName = SMTPClientName(words[1]) ?? .loopback
        case "tls": settings.startsTLS = true
        case "encrypted": settings.isEncrypted = true
        case "user":
            settings.credentials = .password(
                username: words[1], password: Secret(words[2]), authorizationID: words.count > 3 ? words[3] : "")
        case "send":
            let sender = words[1] == "-" ? .null : try SMTPPath(words[1])
            let envelope = SMTPEnvelope(mailFrom: sender, recipients: try words.dropFirst(2).map { try SMTPPath($0) })
            steps.append(.send(envelope, content: []))
        case "handshake": steps.append(.handshake)
        case "expect":
            steps.append(.expect(words.dropFirst().compactMap(SubmissionOutcome.Disposition.init(rawValue:))))
        default: steps.append(.quit)
        }
    }

    private mutating func appendServer(_ line: [UInt8]) {
        if case .server(let bytes) = steps.last {
            steps[steps.count - 1] = .server(bytes + line)
        } else {
            steps.append(.server(line))
        }
    }

    private mutating func appendContent(_ line: [UInt8]) {
        guard case .send(var envelope, let content) = steps.last else { return }
        let whole = content + line
        envelope.body = SMTPEnvelope.Body(scanning: whole)
        steps[steps.count - 1] = .send(envelope, content: whole)
    }
}

/// What went wrong in a replay, for a test to show.
struct ReplayFault: Error, CustomStringConvertible {
    let description: String
}

/// Plays the server of a transcript against a session.
struct Replay {
    private(set) var session: SMTPSession
    private(set) var outcomes: [SubmissionOutcome] = []
    private(set) var serverOctets = 0
    private var input = InputBuffer()
    private var written: [UInt8] = []
    private var content: [UInt8] = []
    private var wantsHandshake = false
    /// How many octets of the server arrive at a time.
    private let pace: Int
    /// Where the server's stream is cut in two, or, where `dies`, ends.
    private let cut: Int
    private let dies: Bool

    init(_ transcript: Transcript, pace: Int = .max, cut: Int = .max, dies: Bool = false) throws {
        session = SMTPSession(transcript.settings)
        self.pace = pace
        self.cut = cut
        self.dies = dies
        for step in transcript.steps {
            guard try play(step) else {
                if let outcome = session.interrupt(.connectionLost) { outcomes.append(outcome) }
                return
            }
        }
        guard written.isEmpty, session.isClosed else {
            throw ReplayFault(description: "not at the end: \(session.phase)")
        }
    }

    /// Plays one step; false where the server died.
    private mutating func play(_ step: Transcript.Step) throws -> Bool {
        switch step {
        case .client(let line):
            guard written.starts(with: line) else {
                let wrote = String(decoding: written, as: UTF8.self)
                throw ReplayFault(description: "wanted \(String(decoding: line, as: UTF8.self)), client wrote \(wrote)")
            }
            written.removeFirst(line.count)
        case .server(let bytes):
            guard written.isEmpty else { throw ReplayFault(description: "client said more than the transcript") }
            return try feed(bytes)
        case .handshake:
            guard wantsHandshake else { throw ReplayFault(description: "no STARTTLS") }
            wantsHandshake = false
            try handle(session.tlsEstablished())
        case .send(let envelope, let content):
            self.content = content
            try handle(session.begin(envelope))
        case .expect(let dispositions):
            let found = outcomes.last?.recipients.map(\.disposition) ?? []
            guard found == dispositions else { throw ReplayFault(description: "outcome is \(found)") }
        case .quit:
            try handle(session.quit())
        }
        return true
    }

    private mutating func feed(_ bytes: [UInt8]) throws -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            var count = min(pace, rest.count)
            if cut > serverOctets { count = min(count, cut - serverOctets) }
            if dies, cut == serverOctets { return false }
            input.append(rest.prefix(count))
            serverOctets += count
            rest = rest.dropFirst(count)
            while let action = try session.receive(&input) { try handle(action) }
        }
        return true
    }

    private mutating func handle(_ action: SMTPAction) throws {
        switch action {
        case .send(let bytes): written += bytes
        case .wait, .ready, .closed: break
        case .startTLS: wantsHandshake = true
        case .sendContent:
            var wire: [UInt8] = []
            for start in stride(from: 0, to: content.count, by: min(pace, 4096)) {
                session.encode(content[start..<min(content.count, start + min(pace, 4096))], into: &wire)
            }
            written += wire + session.endContent()
        case .finished(let outcome): outcomes.append(outcome)
        }
    }
}
