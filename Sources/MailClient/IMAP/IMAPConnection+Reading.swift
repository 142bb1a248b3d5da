import IMAP
import Model
import Transport
import Wire

extension IMAPConnection {
    /// Where the octets of the literal go that is being read.
    private enum LiteralTarget {
        case none
        case collected([UInt8])
        case delivered(FetchDelivery)
    }

    /// Reads until the connection ends, or until STARTTLS hands the stream over.
    func startReading() {
        Task(name: "imap reader", executorPreference: eventLoop) { await self.read() }
    }

    private func read() async {
        guard let stream else { return }
        var framer = ResponseFramer(limits: limits)
        var parser = ResponseParser(limits: limits)
        var literal = LiteralTarget.none
        do {
            while isHealthy {
                switch try framer.next() {
                case .needsMore:
                    try await flushDeliveries()
                    guard try await receive(into: &framer.input, from: stream, until: patience(literal)) > 0 else {
                        throw IMAPError.closed
                    }
                case .response:
                    parser.mailboxEncoding = session.mailboxEncoding
                    let literals = framer.frameLiterals
                    let response = framer.withFrame { parser.parse($0, outOfLine: literals) }
                    framer.discardFrame()
                    if case .tagged = response { try await flushDeliveries() }
                    let event = try session.receive(response)
                    handle(event)
                    if event == .completed(.startTLS) { return handOver(framer) }
                    if event == .completed(.compresses) {
                        try beginCompression()
                        // What came behind the OK is compressed already.
                        stream.input.append(framer.input.takeAll())
                    }
                case .literalBegan(let size):
                    let literals = framer.frameLiterals
                    let context = framer.withFrame { parser.literalContext($0, outOfLine: literals) }
                    if let delivery = deliveries.first(where: { $0.takes(context) }) {
                        literal = .delivered(delivery)
                    } else {
                        guard size <= limits.frame else { throw IMAPError.limit(.frame) }
                        literal = .collected([])
                    }
                case .literalChunk(let chunk):
                    try await take(chunk, &literal)
                case .literalEnded:
                    if case .collected(let bytes) = literal { framer.fillLastLiteral(bytes) }
                    literal = .none
                }
            }
        } catch let error as IMAPError {
            session.fail(error)
            terminate(MailClientError(error))
        } catch is DeflateError {
            terminate(.protocolViolation(.imap, detail: "what the server sends is not compressed as it should be"))
        } catch let error as TransportError {
            terminate(MailClientError(error, .imap, phase: "the rest of a message"))
        } catch {
            // A consumer wants no more; what it threw is in its delivery.
            terminate(.cancelled)
        }
    }

    /// Reads what arrives, decompressed where COMPRESS was agreed on: no more of it than `Limits.inflatedChunk` at a time.
    private func receive(
        into input: inout InputBuffer, from stream: ByteStream, until deadline: Deadline
    ) async throws -> Int {
        guard let inflater else { return try await stream.read(into: &input, deadline: deadline) }
        while true {
            let count = try inflater.inflate(&stream.input, into: &input, limit: Limits.inflatedChunk)
            if count > 0 { return count }
            guard try await stream.fill(deadline: deadline) > 0 else { return 0 }
        }
    }

    private func take(_ chunk: [UInt8], _ literal: inout LiteralTarget) async throws {
        switch literal {
        case .none: break
        case .collected(var bytes):
            // Let go first, so that appending does not copy all that came before.
            literal = .none
            bytes += chunk
            literal = .collected(bytes)
        case .delivered(let delivery):
            delivery.take(chunk: chunk)
            try await flush(delivery)
        }
    }

    /// Between responses a server may be silent as long as it likes, in the midst of a literal it may not.
    private func patience(_ literal: LiteralTarget) -> Deadline {
        if case .none = literal { .never } else { .after(Limits.readPatience) }
    }

    private func flushDeliveries() async throws {
        for delivery in deliveries { try await flush(delivery) }
    }

    /// Hands over what came.
    ///
    /// Time that the consumer takes is not the server's, and what came shows that it is alive.
    private func flush(_ delivery: FetchDelivery) async throws {
        guard delivery.hasPending else { return }
        pauseDeadline(of: delivery)
        defer { resumeDeadline(of: delivery) }
        do {
            try await delivery.flush()
        } catch {
            delivery.failure = error
            throw error
        }
    }

    /// Octets that came after the go-ahead for TLS, and in the clear, are not the server's.
    private func handOver(_ framer: ResponseFramer) {
        if framer.hasUnreadInput { terminate(.startTLSInjection(.imap)) }
    }
}
