import SASL
import SMTP
import Wire

/// A session fed by hand: what the server says in, what the client does out.
struct SessionScript {
    var session: SMTPSession
    private var input = InputBuffer()

    init(_ settings: SMTPSessionSettings = SMTPSessionSettings()) { session = SMTPSession(settings) }

    /// A session that is ready, on a server with these keywords.
    init(offering keywords: String...) throws {
        self.init()
        _ = try says("220 x\r\n")
        _ = try says((["x"] + keywords).map { "250-\($0)\r\n" }.joined() + "250 X-LAST\r\n")
    }

    /// The last action of all that these octets lead to.
    mutating func says(_ text: String) throws(SMTPError) -> SMTPAction? {
        input.append(Array(text.utf8))
        var last: SMTPAction?
        while let action = try session.receive(&input) { last = action }
        return last
    }

    /// Plays a message up to, and not including, the final dot.
    mutating func begin(_ envelope: SMTPEnvelope) throws -> SMTPAction? { try session.begin(envelope) }

    mutating func outcome(_ text: String) throws -> SubmissionOutcome? {
        if case .finished(let outcome) = try says(text) { outcome } else { nil }
    }
}

extension SMTPEnvelope {
    /// From `me@x` to as many as asked for.
    static func to(_ count: Int) throws -> SMTPEnvelope {
        SMTPEnvelope(
            mailFrom: try SMTPPath("me@x"), recipients: try (1...max(count, 1)).map { try SMTPPath("r\($0)@x") })
    }
}

extension SMTPAction {
    /// The octets to send, as text.
    var text: String? { if case .send(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil } }
}
