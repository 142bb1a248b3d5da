import Glibc

/// A blocking socket whose octets are thrown away but for what says where they end: as fast as this machine reads.
final class RawReader {
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var filled = 0..<0

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Child.Failure(description: "nobody listens on port \(port)") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Child.Failure(description: "the server takes no command")
        }
    }

    /// Reads to the first `mark` that is at the end of what there is.
    func discard(until mark: String) throws {
        var tail: [UInt8] = []
        while true {
            if filled.isEmpty { try fill() }
            tail = (tail + buffer[max(filled.lowerBound, filled.upperBound - 300)..<filled.upperBound]).suffix(300)
            filled = 0..<0
            if String(decoding: tail, as: UTF8.self).contains(mark) { return }
        }
    }

    func discard(count: Int) throws {
        var left = count
        while left > 0 {
            if filled.isEmpty { try fill() }
            let taken = min(left, filled.count)
            filled = filled.lowerBound + taken..<filled.upperBound
            left -= taken
        }
    }

    func take(count: Int) throws -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < count {
            if filled.isEmpty { try fill() }
            let piece = filled.prefix(count - taken.count)
            taken += buffer[piece]
            filled = filled.dropFirst(piece.count)
        }
        return taken
    }

    /// The next line without its line end.
    func line() throws -> String {
        var line: [UInt8] = []
        while true {
            if filled.isEmpty { try fill() }
            let rest = buffer[filled]
            guard let end = rest.firstIndex(of: 10) else {
                line += rest
                filled = 0..<0
                continue
            }
            line += buffer[filled.lowerBound..<end]
            filled = end + 1..<filled.upperBound
            return String(decoding: line.last == 13 ? line.dropLast() : line[...], as: UTF8.self)
        }
    }

    private func fill() throws {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw Child.Failure(description: "the server closed the connection") }
        filled = 0..<count
    }
}

extension RawReader {
    /// Asks our API on a kept connection, and throws the answer's content away; how many octets it had.
    func get(_ target: String, token: String) throws -> Int {
        try send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n")
        let status = try line()
        var length: Int?
        while true {
            let field = try line()
            if field.isEmpty { break }
            if field.lowercased().hasPrefix("content-length:") {
                length = Int(field.split(separator: " ").last ?? "")
            }
        }
        guard status.hasPrefix("HTTP/1.1 200 ") else {
            let problem = String(decoding: try take(count: length ?? 0), as: UTF8.self)
            throw Child.Failure(description: "\(target): \(status): \(problem)")
        }
        if let length {
            try discard(count: length)
            return length
        }
        var total = 0
        while true {
            guard let size = Int(try line().prefix { $0.isHexDigit }, radix: 16) else {
                throw Child.Failure(description: "\(target): no chunk")
            }
            try discard(count: size + 2)
            if size == 0 { return total }
            total += size
        }
    }

    /// Logs in to an IMAP server and opens INBOX.
    func open(_ user: String, _ password: String) throws {
        try send("a LOGIN \"\(user)\" \"\(password)\"\r\nb EXAMINE INBOX\r\n")
        try discard(until: "\r\nb OK")
    }

    /// The time in which the server answers a command.
    func time(_ command: String) throws -> Duration {
        let start = ContinuousClock.now
        try send("c \(command)\r\n")
        try discard(until: "\r\nc OK")
        return ContinuousClock.now - start
    }
}
