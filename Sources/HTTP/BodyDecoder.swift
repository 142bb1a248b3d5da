package import Wire

/// Reads the content of one message, whichever way it is framed.
package struct BodyDecoder: Sendable {
    /// What comes next of the body.
    package enum Part: Sendable, Equatable {
        case bytes([UInt8])
        case end
    }

    private enum State {
        case length(left: Int)
        case chunked(ChunkedDecoder)
        case untilClose
        case ended
    }

    private var state: State
    /// Fields behind a chunked body, once it ended.
    package private(set) var trailers = HTTPFields()

    package init(_ framing: HTTPFraming, limits: HTTPLimits = HTTPLimits()) {
        state =
            switch framing {
            case .none, .length(0): .ended
            case .length(let length): .length(left: length)
            case .chunked: .chunked(ChunkedDecoder(limits: limits))
            case .untilClose: .untilClose
            }
    }

    package var isAtEnd: Bool {
        if case .ended = state { true } else { false }
    }

    /// Octets still to come; nil where nobody knows.
    package var left: Int? {
        switch state {
        case .ended: 0
        case .length(let left): left
        case .chunked, .untilClose: nil
        }
    }

    /// The next octets, at most `atMost`; nil where more input is needed.
    package mutating func next(_ input: inout InputBuffer, atMost: Int = .max) throws(HTTPRefusal) -> Part? {
        switch state {
        case .ended:
            return .end
        case .length(let left):
            guard !input.isEmpty else { return nil }
            let bytes = input.take(min(left, input.count, atMost))
            state = bytes.count == left ? .ended : .length(left: left - bytes.count)
            return .bytes(bytes)
        case .chunked(var decoder):
            state = .ended
            guard let part = try decoder.next(&input, atMost: atMost) else {
                state = .chunked(decoder)
                return nil
            }
            switch part {
            case .bytes(let bytes):
                state = .chunked(decoder)
                return .bytes(bytes)
            case .end(let fields):
                trailers = fields
                return .end
            }
        case .untilClose:
            guard !input.isEmpty else { return nil }
            return .bytes(input.take(min(input.count, atMost)))
        }
    }

    /// The peer sent its last octet: whether the message is whole.
    package mutating func finish() -> Bool {
        if case .untilClose = state { state = .ended }
        return isAtEnd
    }
}
