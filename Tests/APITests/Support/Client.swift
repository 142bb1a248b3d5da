import API
import Crypto
import FoundationEssentials
import Glibc
import HTTP
import HTTPServer
import Logging
import Model
import RemoteMail
import Representation
import Synchronization

/// Sends requests to the application without a socket.
///
/// Where the environment names a file in `API_EXCHANGES`, every exchange is appended to it as one JSON line, for
/// `Tests/EndToEndTests/Contract/validate.py`.
struct Client {
    let engines = StubEngines()
    let events = StubEvents()
    let dependencies: APIDependencies
    let application: Application
    static let record = ProcessInfo.processInfo.environment["API_EXCHANGES"]

    init(
        idempotency: (any IdempotencyStore)? = nil, isReady: Bool = true, maxBodyBytes: Int = 32 << 20,
        pace: EventStreamPace = EventStreamPace()
    ) {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        dependencies = APIDependencies(
            accounts: engines, discovery: engines, health: engines, tokens: engines, mail: engines, drafts: engines,
            submissions: engines, templates: engines, events: events, webhooks: StubWebhooks(engines: engines),
            idempotency: idempotency,
            isReady: { isReady }, version: "1.2.3", links: Sample.links, maxBodyBytes: maxBodyBytes,
            spool: { body, limit in
                let octets = try await body.collect(upTo: limit)
                return SpooledBody(upload: MessageUpload(octets), digest: Array(SHA256.hash(data: octets)))
            }, streamPace: pace, logger: logger)
        application = API.application(dependencies)
    }

    func send(
        _ method: HTTPMethod, _ target: String, token: String? = "admin", _ body: String = "",
        type: String? = nil, fields: HTTPFields = HTTPFields()
    ) async throws -> Answer {
        var fields = fields
        if let token { fields.append(.authorization, "Bearer " + token) }
        if let type = type ?? (body.isEmpty ? nil : "application/json") { fields.append(.contentType, type) }
        let octets = Array(body.utf8)
        guard let head = HTTPRequest(method, target, fields: fields, contentLength: octets.count) else {
            throw ClientError.malformed(target)
        }
        let request = Request(head, body: octets.isEmpty ? .empty : RequestBody(octets), id: "req_1")
        let response = await application.respond(to: request)
        let answer = Answer(
            status: response.status.code, fields: response.fields, body: try await response.body.collect())
        try Self.append(method, target, answer)
        return answer
    }

    private static func append(_ method: HTTPMethod, _ target: String, _ answer: Answer) throws {
        guard let record else { return }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("method", method.name)
            writer.member("path", target)
            writer.member("status", answer.status)
            writer.member("contentType", answer.fields[.contentType])
            writer.member("body", answer.text)
        }
        recording.withLock { _ in
            guard let file = fopen(record, "a") else { return }
            defer { fclose(file) }
            let line = writer.bytes + [0x0A]
            fwrite(line, 1, line.count, file)
        }
    }

    private static let recording = Mutex(())
}

enum ClientError: Error { case malformed(String) }

/// What came back.
struct Answer {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a tree; null where there is none.
    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }

    var slug: String? {
        guard case .string(let type)? = json["type"] else { return nil }
        return String(type.dropFirst("/problems/".count))
    }

    /// `pointer`, `parameter` or `header` of each entry of `errors`, in order.
    var places: [String] {
        guard case .array(let errors)? = json["errors"] else { return [] }
        return errors.map { error in
            for (name, mark) in [("pointer", ""), ("parameter", "?"), ("header", ":")] {
                if case .string(let place)? = error[name] { return mark + place }
            }
            return "nowhere"
        }
    }
}

extension JSONValue {
    /// The text of a string.
    var text: String? { if case .string(let text) = self { text } else { nil } }
}
