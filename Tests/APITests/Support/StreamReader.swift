import API
import HTTP
import HTTPServer
import Synchronization

/// Reads a streamed body as it is written, and waits for what is wanted of it.
actor StreamReader: ResponseSink {
    private(set) var text = ""
    private var waiters: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []

    func write(_ chunks: [[UInt8]], exchange: Int) {
        for chunk in chunks { text += String(decoding: chunk, as: UTF8.self) }
        let met = waiters.filter { text.contains($0.text) }
        waiters.removeAll { text.contains($0.text) }
        for waiter in met { waiter.continuation.resume() }
    }

    /// Returns when the body has this text.
    func wait(for wanted: String) async {
        if text.contains(wanted) { return }
        await withCheckedContinuation { waiters.append((wanted, $0)) }
    }
}

extension Client {
    /// Opens a stream and reads from it while `body` runs, then until the stream ends; gives all its text.
    func stream(
        _ target: String, token: String? = "events", fields: HTTPFields = HTTPFields(),
        _ body: (StreamReader) async throws -> Void
    ) async throws -> String {
        var fields = fields
        if let token { fields.append(.authorization, "Bearer " + token) }
        fields.append(.accept, "text/event-stream")
        guard let head = HTTPRequest(.get, target, fields: fields, contentLength: 0) else {
            throw ClientError.malformed(target)
        }
        let response = await application.respond(to: Request(head, body: .empty, id: "req_1"))
        guard response.status == .ok, case .stream(nil, let write) = response.body else {
            throw ClientError.malformed("\(response.status)")
        }
        let reader = StreamReader()
        async let writing: Void = write(ResponseWriter(sink: reader, exchange: 0))
        try await body(reader)
        try await writing
        return await reader.text
    }
}
