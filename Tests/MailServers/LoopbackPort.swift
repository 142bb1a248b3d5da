import Glibc

/// Free ports on 127.0.0.1.
package enum LoopbackPort {
    /// Picks free ports below the range that the kernel gives to outgoing connections, at random.
    ///
    /// Another run may take one before the server binds it: whoever starts a server tries again with others.
    package static func pick(_ count: Int) throws -> [UInt16] {
        var found: Set<UInt16> = []
        for _ in 0..<1000 where found.count < count {
            let port = UInt16.random(in: 12_000..<32_000)
            if isFree(port) { found.insert(port) }
        }
        guard found.count == count else { throw ServerFailure("There are no \(count) free ports on 127.0.0.1") }
        return Array(found)
    }

    /// Starts something that needs ports, and tries again with others where starting fails.
    static func retrying<T>(_ count: Int, _ start: ([UInt16]) throws -> T) throws -> T {
        for _ in 0..<4 {
            if let started = try? start(pick(count)) { return started }
        }
        return try start(pick(count))
    }

    static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    static func withAddress<R>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = address(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(port) { bind(descriptor, $0, $1) } == 0
    }
}
