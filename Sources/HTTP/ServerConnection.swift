package import Wire

/// The server's side of one connection: what may be read and what must be written next.
///
/// It decides about persistence, `100 Continue`, content of HEAD, 204 and 304, and what becomes of a body that nobody
/// read. It has no socket and no clock; requests are answered one at a time, so pipelined ones keep their order.
package struct ServerConnection: Sendable {
    /// What the octets read so far amount to.
    package enum Event: Sendable {
        case needsInput
        case request(HTTPRequest)
        /// Answer this and close: where the next message starts is no longer known.
        case refusal(HTTPRefusal)
    }

    /// What a handler that reads the body gets next.
    package enum BodyEvent: Sendable, Equatable {
        /// Send `ResponseEncoder.interimContinue`, then ask again.
        case sendContinue
        case needsInput
        case bytes([UInt8])
        case end
    }

    /// What becomes of the connection when a response is out.
    package enum AfterResponse: Sendable, Equatable {
        case nextRequest
        /// Throw the rest of the body away, which is short, and go on.
        case drain
        /// Close; with `linger` octets are still on their way to us, and closing at once would reset the connection and
        /// destroy the response.
        case close(linger: Bool)
    }

    private enum Response {
        case none
        case chunked(isFirst: Bool)
        case length(left: Int)
        case noContent
        case untilClose
    }

    private let limits: HTTPLimits
    private var parser: HTTPRequestParser
    private var body = BodyDecoder(.none)
    private var method = HTTPMethod.get
    private var version = HTTPVersion.http11
    private var isPersistent = true
    private var awaitsContinue = false
    private var isBroken = false
    private var response = Response.none
    private var drained = 0
    /// The server is stopping: the response that is due is the last.
    package var isStopping = false

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        parser = HTTPRequestParser(limits: limits)
    }

    /// Whether a request has begun to arrive: then a time-out is answered by 408, before that the connection is idle.
    package var isInsideHead: Bool { parser.isInsideHead }

    /// Whether the whole request was read.
    package var isBodyComplete: Bool { body.isAtEnd }

    package mutating func next(_ input: inout InputBuffer) -> Event {
        do throws(HTTPRefusal) {
            guard let request = try parser.parse(&input) else { return .needsInput }
            method = request.method
            version = request.version
            isPersistent = request.isPersistent
            awaitsContinue = request.expectsContinue
            body = BodyDecoder(request.framing, limits: limits)
            response = .none
            drained = 0
            return .request(request)
        } catch {
            refuse()
            return .refusal(error)
        }
    }

    /// The next response is to something that was no request (malformed, too late): the connection ends behind it.
    package mutating func refuse() {
        method = .get
        version = .http11
        isBroken = true
        awaitsContinue = false
        response = .none
    }

    /// What comes next of the request's body.
    package mutating func nextBody(_ input: inout InputBuffer, atMost: Int = .max) throws(HTTPRefusal) -> BodyEvent {
        if isBroken { throw .malformed("the body is broken") }
        if awaitsContinue, !body.isAtEnd {
            awaitsContinue = false
            // A client that sends without waiting needs no answer (RFC 9110 section 10.1.1).
            if input.isEmpty { return .sendContinue }
        }
        do throws(HTTPRefusal) {
            guard let part = try body.next(&input, atMost: atMost) else { return .needsInput }
            switch part {
            case .bytes(let bytes): return .bytes(bytes)
            case .end: return .end
            }
        } catch {
            isBroken = true
            throw error
        }
    }

    /// The body will not come any more: too slow, or the client closed.
    package mutating func bodyFailed() { isBroken = true }

    /// Appends the head of the response to the current request, and says whether content follows.
    ///
    /// `length` is that of the content, nil where it is not known in advance; `date` is the value of `Date`.
    package mutating func beginResponse(
        _ status: HTTPStatus, _ fields: HTTPFields, length: Int?, date: [UInt8], to output: inout [UInt8]
    ) -> Bool {
        var framing = length.map { HTTPFraming.length($0) } ?? .chunked
        if length == nil, version == .http10 { framing = .untilClose }
        if status.forbidsContent { framing = .none }
        if framing == .untilClose || leavesTooMuch || isStopping { isPersistent = false }
        let persistence: ResponseEncoder.Persistence =
            isBroken || !isPersistent ? .close : version == .http10 ? .keepAlive : .implied
        ResponseEncoder.appendHead(
            status, fields, framing: framing, persistence: persistence, date: date, to: &output)
        response =
            switch framing {
            case _ where method == .head: .noContent
            case .none: .noContent
            case .length(let length): .length(left: length)
            case .chunked: .chunked(isFirst: true)
            case .untilClose: .untilClose
            }
        if case .noContent = response { return false }
        return true
    }

    /// Whether closing is cheaper than reading the rest of the body, or the only way to know where it ends.
    private var leavesTooMuch: Bool {
        guard !body.isAtEnd else { return false }
        return awaitsContinue || (body.left ?? 0) > limits.drain
    }

    /// What precedes `count` octets of streamed content on the wire; nil where they are more than announced.
    package mutating func frame(_ count: Int) -> [UInt8]? {
        switch response {
        case .chunked(let isFirst):
            response = .chunked(isFirst: false)
            return ResponseEncoder.chunkHead(count, first: isFirst)
        case .length(let left):
            guard count <= left else { return nil }
            response = .length(left: left - count)
            return []
        case .untilClose: return []
        case .none, .noContent: return nil
        }
    }

    /// What ends streamed content; nil where octets are missing, so that only closing tells the client the truth.
    package mutating func endContent() -> [UInt8]? {
        switch response {
        case .chunked(let isFirst): return ResponseEncoder.lastChunk(empty: isFirst)
        case .length(let left): return left == 0 ? [] : nil
        case .none, .noContent, .untilClose: return []
        }
    }

    /// The whole response was written.
    package mutating func endResponse() -> AfterResponse {
        response = .none
        guard !isBroken, isPersistent else { return .close(linger: isBroken || !body.isAtEnd) }
        return body.isAtEnd ? .nextRequest : .drain
    }

    /// Throws away what has arrived of an unwanted body; nil where more must come.
    package mutating func drain(_ input: inout InputBuffer) -> AfterResponse? {
        while drained <= limits.drain {
            do throws(HTTPRefusal) {
                switch try body.next(&input) {
                case .bytes(let bytes): drained += bytes.count
                case .end: return .nextRequest
                case nil: return nil
                }
            } catch {
                return .close(linger: true)
            }
        }
        return .close(linger: true)
    }
}
