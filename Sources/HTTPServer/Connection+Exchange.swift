import HTTP
import Transport

extension Connection {
    /// Answers one request; false where the connection ends with it.
    func serve(_ head: HTTPRequest) async throws -> Bool {
        exchange += 1
        isServing = true
        written = 0
        bodyProgress = BodyProgress()
        let start = Deadline.now
        let length: Int? =
            switch head.framing {
            case .length(let length): length
            case .chunked, .untilClose: nil
            case .none: 0
            }
        let body = length == 0 ? .empty : RequestBody(length: length, source: self, exchange: exchange)
        let request = Request(
            head, body: body, id: service.requestIDs.id(for: head), peer: peer, path: service.application.route(head))
        watchClient()
        var response = await service.application.answer(request)
        response.fields.append(.requestID, request.id)
        var failure: (any Error)?
        do {
            try await send(response)
        } catch {
            failure = error
        }
        isServing = false
        if watch.reader != nil { await stopWatching() }
        service.log(
            request, response.status, octets: written, since: start, peer: peer, id: request.id, failure: failure)
        if let failure { throw failure }
        // A handler may have left a task behind that still uses the stream: then nothing can be read beside it.
        guard !isReading, !isWriting else { return false }
        let next = machine.endResponse()
        return next == .nextRequest ? true : try await finish(next)
    }

    /// Sees to the rest of the request; false where the connection ends here.
    private func finish(_ next: ServerConnection.AfterResponse) async throws -> Bool {
        switch next {
        case .nextRequest:
            return true
        case .drain:
            while true {
                switch machine.drain(&stream.input) {
                case .nextRequest: return true
                case nil:
                    let deadline = Deadline.after(service.configuration.bodyTimeout)
                    guard try await stream.fill(deadline: deadline) > 0 else { return false }
                case .drain, .close:
                    try await linger()
                    return false
                }
            }
        case .close(let lingers):
            if lingers { try await linger() }
            return false
        }
    }

    /// Writes a whole response.
    func send(_ response: HTTPResponse) async throws {
        var output: [UInt8] = []
        let date = service.dates.value
        switch response.body {
        case .none, .bytes:
            let content: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
            let joins = content.count <= Bound.joinedContent
            output.reserveCapacity(Bound.headCapacity + (joins ? content.count : 0))
            let hasContent = machine.beginResponse(
                response.status, response.fields, length: content.count, date: date, to: &output)
            if hasContent { written = content.count }
            if hasContent, !joins { return try await put([output, content]) }
            if hasContent { output.append(contentsOf: content) }
            try await stream.write(output, deadline: .after(service.configuration.writeTimeout))
        case .stream(let length, let write):
            let hasContent = machine.beginResponse(
                response.status, response.fields, length: length, date: date, to: &output)
            try await put(output)
            guard hasContent else { return }
            try await write(ResponseWriter(sink: self, exchange: exchange))
            guard let tail = machine.endContent() else { throw HTTPServerError.lengthMismatch }
            if !tail.isEmpty { try await put(tail) }
        }
    }

    private func put(_ bytes: [UInt8]) async throws {
        try await stream.write(bytes, deadline: .after(service.configuration.writeTimeout))
    }

    /// Writes `pieces` as one where they are small; else in portions, each with its own deadline, so that a large
    /// response may take as long as it likes while it makes progress.
    private func put(_ pieces: [[UInt8]]) async throws {
        let patience = service.configuration.writeTimeout
        guard pieces.reduce(0, { $0 + $1.count }) > Bound.writePortion else {
            return try await stream.write(pieces, deadline: .after(patience))
        }
        for piece in pieces {
            var rest = piece[...]
            while !rest.isEmpty {
                try await stream.write(rest.prefix(Bound.writePortion), deadline: .after(patience))
                rest = rest.dropFirst(Bound.writePortion)
            }
        }
    }
}

extension Connection: ResponseSink {
    func write(_ chunks: [[UInt8]], exchange: Int) async throws {
        guard exchange == self.exchange, isServing, !isWriting else { throw HTTPServerError.exchangeEnded }
        let count = chunks.reduce(0) { $0 + $1.count }
        guard let prefix = machine.frame(count) else { throw HTTPServerError.lengthMismatch }
        isWriting = true
        defer { isWriting = false }
        do {
            try await put(prefix.isEmpty ? chunks : [prefix] + chunks)
        } catch TransportError.cancelled {
            throw CancellationError()
        } catch {
            throw HTTPServerError.clientGone
        }
        written += count
    }
}

extension Connection: RequestBodySource {
    func nextPart(exchange: Int) async throws -> [UInt8]? {
        guard exchange == self.exchange, isServing, !isReading else { throw HTTPServerError.exchangeEnded }
        isReading = true
        defer { isReading = false }
        while true {
            switch try machine.nextBody(&stream.input, atMost: Bound.bodyPart) {
            case .sendContinue: try await put(ResponseEncoder.interimContinue)
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .needsInput: try await fillBody()
            }
        }
    }

    private func fillBody() async throws {
        let configuration = service.configuration
        let start = Deadline.now
        let count: Int
        do throws(TransportError) {
            count = try await stream.fill(deadline: start.advanced(by: configuration.bodyTimeout))
        } catch {
            machine.bodyFailed()
            switch error {
            case .deadlineExceeded: throw HTTPRefusal.timedOut
            case .cancelled: throw CancellationError()
            default: throw HTTPServerError.clientGone
            }
        }
        bodyProgress.add(count, in: Deadline.now.duration(since: start))
        if count > 0, bodyProgress.isFastEnough(configuration) { return }
        machine.bodyFailed()
        throw count > 0 ? HTTPRefusal.timedOut : .malformed("the body ended early")
    }
}

/// How fast a body comes while somebody waits for it.
struct BodyProgress {
    private var octets = 0
    private var waited = Duration.zero

    mutating func add(_ count: Int, in time: Duration) {
        octets += count
        waited += time
    }

    /// An octet now and then keeps every simple time-out away; this is what ends such a client.
    func isFastEnough(_ configuration: HTTPServerConfiguration) -> Bool {
        guard waited > configuration.bodyTimeout else { return true }
        return Duration.seconds(octets) >= waited * configuration.minimumBodyRate
    }
}
