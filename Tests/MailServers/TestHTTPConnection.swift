import Foundation

/// A response as a test sees it.
package struct TestHTTPResponse: Sendable {
    package let status: Int
    /// In the order received.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// The first header of this name.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    package var json: JSONValue {
        get throws {
            do { return try JSONValue(parsing: body) } catch {
                throw ServerFailure("HTTP \(status) with a body that is no JSON (\(error)): \(text.prefix(500))")
            }
        }
    }
}

/// One HTTP connection, under the test's control to the octet: what is malformed, pipelined, slow or large is sent as
/// given and read as it comes.
///
/// Its calls block: see `onThread`, or use `TestHTTPClient`.
package final class TestHTTPConnection: Sendable {
    package let stream: SocketStream

    package init(port: UInt16, timeout seconds: Int = 60) throws {
        stream = try SocketStream(port: port, timeout: seconds)
    }

    package func send(_ text: String) throws { try stream.send(text) }
    package func send(_ bytes: [UInt8]) throws { try stream.send(bytes) }

    /// Sends a complete request with `Host`, and `Content-Length` where there is a body.
    package func sendRequest(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try stream.send(Array((head + "\r\n").utf8) + (body ?? []))
    }

    /// Reads the next final response, passing over interim ones; its body goes to `onBody` as it arrives, if given, and
    /// is not kept then.
    package func readResponse(
        toHead: Bool = false, onBody: (([UInt8]) throws -> Void)? = nil
    ) throws -> TestHTTPResponse {
        let (status, headers) = try readHead()
        if (100..<200).contains(status), status != 101 { return try readResponse(toHead: toHead, onBody: onBody) }
        let head = TestHTTPResponse(status: status, headers: headers, body: [])
        guard !toHead, status != 204, status != 304, status != 101 else { return head }
        var body: [UInt8] = []
        let consume = onBody ?? { body += $0 }
        if let coding = head["Transfer-Encoding"] {
            guard coding.lowercased() == "chunked" else { throw ServerFailure("Transfer-Encoding: \(coding)") }
            try readChunks(consume)
        } else if let length = head["Content-Length"] {
            guard var rest = Int(length) else { throw ServerFailure("Content-Length: \(length)") }
            while rest > 0 {
                let part = try stream.read(atMost: min(rest, 65536))
                if part.isEmpty { throw ServerFailure("The body ended \(rest) octets early") }
                rest -= part.count
                try consume(part)
            }
        } else {
            while true {
                let part = try stream.read()
                if part.isEmpty { break }
                try consume(part)
            }
        }
        return TestHTTPResponse(status: status, headers: headers, body: body)
    }

    /// Reads one status line with its header, also an interim one such as 100.
    package func readHead() throws -> (status: Int, headers: [(name: String, value: String)]) {
        guard let line = try stream.readLine() else { throw ServerFailure("The server closed the connection") }
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw ServerFailure("Not a status line: \(line)")
        }
        return (status, try readFields())
    }

    private func readFields() throws -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        while let line = try stream.readLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw ServerFailure("Not a header field: \(line)") }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            fields.append((String(line[..<colon]), value))
        }
        return fields
    }

    private func readChunks(_ consume: ([UInt8]) throws -> Void) throws {
        while true {
            let line = try stream.readLine() ?? ""
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else { throw ServerFailure("Chunk \(line)") }
            if size == 0 { break }
            var rest = size
            while rest > 0 {
                let part = try stream.read(atMost: min(rest, 65536))
                if part.isEmpty { throw ServerFailure("A chunk ended \(rest) octets early") }
                rest -= part.count
                try consume(part)
            }
            guard try stream.readLine() == "" else { throw ServerFailure("A chunk has no line end") }
        }
        _ = try readFields()
    }
}
