import Foundation
import MailServers

/// A message as Python's `email` package reads it: somebody else's eyes on what we sent.
struct PythonMail: Sendable {
    struct Part: Sendable, Equatable {
        var type: String
        var name: String?
        var content: [UInt8]
    }

    let headers: [(name: String, value: String)]
    let parts: [Part]
    let defects: [String]

    subscript(name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    func part(_ type: String) -> Part? { parts.first { $0.type == type } }

    private static let program = """
        import sys, json, email, base64
        from email import policy
        message = email.message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
        leaves = [part for part in message.walk() if not part.is_multipart()]
        print(json.dumps({
            "headers": [[name, str(value)] for name, value in message.items()],
            "parts": [[part.get_content_type(), part.get_filename(),
                       base64.b64encode(part.get_payload(decode=True)).decode()] for part in leaves],
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
        }))
        """

    static func read(_ raw: [UInt8]) async throws -> PythonMail {
        let output = try await onThread {
            try Command.check([Command.locate("python3"), "-c", program], input: raw)
        }
        let json = try JSONValue(parsing: Array(output.utf8))
        return PythonMail(
            headers: json["headers"].array.map { (name: $0[0].string ?? "", value: $0[1].string ?? "") },
            parts: json["parts"].array.map { part in
                let content = Data(base64Encoded: part[2].string ?? "").map { [UInt8]($0) }
                return Part(type: part[0].string ?? "", name: part[1].string, content: content ?? [])
            },
            defects: json["defects"].array.compactMap(\.string))
    }
}
