import Foundation
import MailServers
import Testing

/// Somebody else's server that webhooks lead to: Python's, with the verification of the `standardwebhooks` package.
final class WebhookReceiver: Sendable {
    /// A call as the receiver saw it.
    struct Call: Sendable {
        let path: String
        let id: String
        let timestamp: Int
        let signatures: Int
        /// By which of the path's secrets it could be verified.
        let verified: [Int]
        let status: Int
        let event: JSONValue
    }

    private let child: ChildProcess
    private let http: TestHTTPClient

    static func start() async throws -> WebhookReceiver { try await onThread { try WebhookReceiver() } }

    private init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let own = root.appending(path: ".venv/bin/python3").path(percentEncoded: false)
        let python = FileManager.default.isExecutableFile(atPath: own) ? own : try Command.locate("python3")
        child = try ChildProcess([python, folder.appending(path: "receiver.py").path(percentEncoded: false)])
        let line = try child.output.waitForLine(containing: "PORT ", seconds: 60)
        guard let port = line.split(separator: " ").last.flatMap({ UInt16($0) }) else {
            throw ServerFailure("The receiver did not start: \(line)")
        }
        http = TestHTTPClient(port: port)
    }

    deinit { child.closeInput() }

    func url(_ path: String) -> String { "http://127.0.0.1:\(http.port)\(path)" }

    /// Says with which secrets the path's calls are to be verified.
    func know(_ secrets: [String], of path: String) async throws {
        let body: JSONValue = .object([path: .array(secrets.map { .string($0) })])
        let answer = try await http.send("PUT", "/secrets", body: try body.encoded())
        guard answer.status == 204 else { throw ServerFailure("PUT /secrets: \(answer.status)") }
    }

    func calls(_ path: String? = nil) async throws -> [Call] {
        let all = try await http.get("/log").json["calls"].array.map { call in
            Call(
                path: call["path"].string ?? "", id: call["id"].string ?? "",
                timestamp: Int(call["timestamp"].string ?? "") ?? 0, signatures: call["signatures"].int ?? 0,
                verified: call["verified"].array.compactMap(\.int), status: call["status"].int ?? -1,
                event: call["event"])
        }
        return path.map { path in all.filter { $0.path == path } } ?? all
    }

    func count(_ path: String) async throws -> Int { try await http.get("/count").json[path].int ?? 0 }
}

/// A webhook made over the API that leads to a receiver.
struct WebhookAtReceiver: Sendable {
    let id: String
    let secret: String
    let receiver: WebhookReceiver
    let path: String
    let api: APIClient

    var target: String { "/v1/webhooks/\(id)" }

    static func make(
        _ api: APIClient, _ receiver: WebhookReceiver, _ path: String, _ members: [String: JSONValue] = [:]
    ) async throws -> WebhookAtReceiver {
        let draft = JSONValue.object(members.merging(["url": .string(receiver.url(path))]) { $1 })
        let made = try await api.post("/v1/webhooks", draft).expecting(201)
        guard let id = made["id"].string, let secret = made["secret"].string else {
            throw ServerFailure("A webhook without id or secret: \(made)")
        }
        try await receiver.know([secret], of: path)
        return WebhookAtReceiver(id: id, secret: secret, receiver: receiver, path: path, api: api)
    }

    func calls() async throws -> [WebhookReceiver.Call] { try await receiver.calls(path) }

    /// Waits for so many calls.
    @discardableResult
    func received(_ count: Int, within limit: Duration = .seconds(60)) async throws -> [WebhookReceiver.Call] {
        try await eventually("\(count) calls of \(path)", within: limit) {
            try await receiver.count(path) >= count
        }
        return try await calls()
    }

    func show() async throws -> JSONValue { try await api.get(target).expecting(200) }

    func deliveries(_ query: String = "") async throws -> [JSONValue] {
        try await api.get("\(target)/deliveries\(query)").expecting(200)["data"].array
    }
}
