import Foundation
import MailServers

/// A `multipart/form-data` body, as a browser or curl sends it.
struct Form: Sendable {
    var boundary = "----form\(UUID().uuidString)"
    private(set) var body: [UInt8] = []

    init(_ message: JSONValue) throws {
        add("message", type: "application/json", content: try message.encoded())
    }

    init() {}

    mutating func add(_ name: String, fileName: String? = nil, type: String? = nil, content: [UInt8]) {
        var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\""
        if let fileName { head += "; filename=\"\(fileName)\"" }
        if let type { head += "\r\nContent-Type: \(type)" }
        body += Array((head + "\r\n\r\n").utf8) + content + [0x0D, 0x0A]
    }

    var octets: [UInt8] { body + Array("--\(boundary)--\r\n".utf8) }

    var headers: [(String, String)] { [("Content-Type", "multipart/form-data; boundary=\(boundary)")] }
}

extension MailAccount {
    func submit(_ form: Form, headers: [(String, String)] = []) async throws -> TestHTTPResponse {
        try await api.send("POST", "\(path)/submissions", headers: form.headers + headers, body: form.octets)
    }

    /// The messages that came, once there are as many as expected.
    func arrivals(count: Int = 1, in mailbox: String = "INBOX") async throws -> [[UInt8]] {
        try await eventually("messages in \(mailbox) of \(user.email)") {
            try await stored(in: mailbox)
        } until: {
            $0.count >= count
        }
    }
}
