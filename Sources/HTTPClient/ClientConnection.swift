import HTTP
import Transport
import Wire

/// One connection to an origin, on one event loop: one request at a time, answers read to their end.
actor ClientConnection: EventLoopBound {
    nonisolated let eventLoop: EventLoop
    nonisolated let loopExecutor: LoopExecutor
    private let limits: HTTPClientLimits
    private var stream: ByteStream?

    /// How a request went.
    enum Outcome: Sendable {
        /// The connection may be used again where `isReusable`.
        case answered(HTTPClientAnswer, isReusable: Bool)
        /// `isStale`: not one octet of an answer came before the connection ended.
        case failed(HTTPClientError, isStale: Bool)
    }

    init(on loop: EventLoop, limits: HTTPClientLimits) {
        eventLoop = loop
        loopExecutor = loop.executor
        self.limits = limits
    }

    func open(_ origin: Origin, _ dialer: Dialer, tls: TLSContext?, deadline: Deadline) async throws(TransportError) {
        let security = tls.map { Dialer.Security.tls($0, serverName: origin.host) } ?? .none
        stream = try await dialer.connect(
            host: origin.host, port: origin.port, security: security, on: eventLoop, deadline: deadline)
    }

    /// Whether nothing came while nobody asked: a connection with something to read is closed, or lies.
    var isQuiet: Bool { stream.map { !$0.isClosed && !$0.hasInputOrEnd() } ?? false }

    func close() {
        stream?.close()
        stream = nil
    }

    func exchange(_ head: [UInt8], _ body: [UInt8], method: HTTPMethod, deadline: Deadline) async -> Outcome {
        guard let stream else { return .failed(.disconnected, isStale: true) }
        var writeError: TransportError?
        do throws(TransportError) {
            try await stream.write(body.isEmpty ? [head] : [head, body], deadline: deadline)
        } catch {
            // A server that has heard enough says so and closes; its answer is there although writing failed.
            guard case .disconnected = error else { return end(.failed(HTTPClientError(error), isStale: false)) }
            writeError = error
        }
        var answer = AnswerReader(to: method, limits: limits)
        while true {
            do {
                if let result = try answer.read(&stream.input) {
                    let isReusable = result.isReusable && writeError == nil && stream.input.isEmpty
                    if !isReusable { close() }
                    return .answered(result.answer, isReusable: isReusable)
                }
            } catch {
                return end(
                    answer.cutOff.map { .answered($0, isReusable: false) } ?? .failed(.malformed(error), isStale: false)
                )
            }
            do throws(TransportError) {
                if try await stream.fill(deadline: deadline) > 0 { continue }
                // The end: of an answer that ends so, of one that was cut off, or of a connection that was dead.
                if let whole = answer.ended() { return end(.answered(whole, isReusable: false)) }
                return end(.failed(.disconnected, isStale: answer.isUntouched))
            } catch {
                if let known = answer.cutOff { return end(.answered(known, isReusable: false)) }
                var isStale = false
                if case .disconnected = error { isStale = answer.isUntouched }
                return end(.failed(HTTPClientError(error), isStale: isStale))
            }
        }
    }

    private func end(_ outcome: Outcome) -> Outcome {
        close()
        return outcome
    }
}
