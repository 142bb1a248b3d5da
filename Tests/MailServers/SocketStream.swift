import Foundation
import Glibc
import Synchronization

/// A blocking TCP connection with a time-out for each read and write.
///
/// Use it on a thread: see `onThread`.
package final class SocketStream: Sendable {
    private let descriptor: Int32
    private let buffer = Mutex<[UInt8]>([])

    package init(port: UInt16, timeout seconds: Int = 60) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw systemError("socket") }
        configure(seconds)
        guard LoopbackPort.withAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            throw systemError("connect to 127.0.0.1:\(port)")
        }
    }

    init(accepted: Int32, timeout seconds: Int) {
        descriptor = accepted
        configure(seconds)
    }

    deinit {
        close(descriptor)
    }

    private func configure(_ seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw systemError("send") }
            rest = rest.dropFirst(count)
        }
    }

    /// What comes next, at least one octet and at most `limit`; nothing once the peer has closed its side.
    package func read(atMost limit: Int = 65536) throws -> [UInt8] {
        try buffer.withLock { buffer in
            if buffer.isEmpty { try fill(&buffer) }
            let taken = Array(buffer.prefix(limit))
            buffer.removeFirst(taken.count)
            return taken
        }
    }

    package func read(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try read(atMost: count - bytes.count)
            if more.isEmpty { throw ServerFailure("The connection ended after \(bytes.count) of \(count) octets") }
            bytes += more
        }
        return bytes
    }

    /// The next line without its line end, or nil once the peer has closed its side.
    package func readLine() throws -> String? {
        try buffer.withLock { buffer in
            var searched = 0
            while true {
                if let end = buffer[searched...].firstIndex(of: 10) {
                    let line = buffer[..<end]
                    let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
                    buffer.removeFirst(end + 1)
                    return text
                }
                searched = buffer.count
                try fill(&buffer)
                if buffer.count == searched {
                    if buffer.isEmpty { return nil }
                    throw ServerFailure("The connection ended within \"\(String(decoding: buffer, as: UTF8.self))\"")
                }
            }
        }
    }

    package func readToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let more = try read()
            if more.isEmpty { return bytes }
            bytes += more
        }
    }

    private func fill(_ buffer: inout [UInt8]) throws {
        let count = try withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { chunk in
            let count = recv(descriptor, chunk.baseAddress, chunk.count, 0)
            guard count >= 0 else { throw systemError("recv") }
            buffer.append(contentsOf: chunk[..<count])
            return count
        }
        _ = count
    }

    /// Sends the end of our side.
    package func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both sides, which wakes a thread that reads.
    package func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Makes the close that follows a reset instead of an orderly end.
    package func resetOnClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
}
