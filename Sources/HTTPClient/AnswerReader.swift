import HTTP
import Wire

/// Reads one answer: interim ones are passed over, content is kept up to a limit and read up to another.
struct AnswerReader {
    private let method: HTTPMethod
    private let limits: HTTPClientLimits
    private var parser: HTTPResponseParser
    private var head: HTTPResponseHead?
    private var decoder: BodyDecoder?
    private var body: [UInt8] = []
    private var octets = 0
    private var interim = 0
    /// Whether nothing of an answer came yet.
    private(set) var isUntouched = true

    init(to method: HTTPMethod, limits: HTTPClientLimits) {
        self.method = method
        self.limits = limits
        parser = HTTPResponseParser(to: method, limits: limits.message)
    }

    /// The answer once it is all there.
    mutating func read(
        _ input: inout InputBuffer
    ) throws(HTTPRefusal) -> (answer: HTTPClientAnswer, isReusable: Bool)? {
        if !input.isEmpty { isUntouched = false }
        while head == nil {
            guard let next = try parser.parse(&input) else { return nil }
            // We ask for no other protocol, so a switch to one is no answer to us.
            guard next.status.code != 101 else { throw .malformed("switched protocols") }
            if next.status.code < 200 {
                interim += 1
                guard interim <= Bound.interimAnswers else { throw .malformed("too many interim answers") }
                continue
            }
            head = next
            decoder = BodyDecoder(next.framing, limits: limits.message)
        }
        guard let head else { return nil }
        while let part = try decoder?.next(&input) {
            switch part {
            case .bytes(let bytes):
                octets += bytes.count
                body += bytes.prefix(limits.keptBody - body.count)
                if octets > limits.readBody { return (answer(head, isComplete: false), false) }
            case .end:
                return (answer(head, isComplete: octets == body.count), head.isPersistent)
            }
        }
        return nil
    }

    /// The peer sent its last octet: the answer, whole or cut; nil where there was no head.
    mutating func ended() -> HTTPClientAnswer? {
        guard let head else { return nil }
        let isWhole = decoder?.finish() ?? true
        return answer(head, isComplete: isWhole && octets == body.count)
    }

    /// What is known where the content breaks off: the status stands.
    var cutOff: HTTPClientAnswer? { head.map { answer($0, isComplete: false) } }

    private func answer(_ head: HTTPResponseHead, isComplete: Bool) -> HTTPClientAnswer {
        HTTPClientAnswer(status: head.status, fields: head.fields, body: body, isComplete: isComplete)
    }
}
