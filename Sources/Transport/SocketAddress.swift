internal import Glibc

/// An IP address, as a value that filters can look into.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Which Internet Protocol.
    package enum Family: Sendable, Hashable { case v4, v6 }

    package let family: Family
    /// Network order; an IPv4 address is in the last four octets of `low`.
    let high: UInt64
    let low: UInt64
    /// The interface of a link-local IPv6 address (RFC 4007).
    let scope: UInt32

    init(v4 address: UInt32) {
        family = .v4
        high = 0
        low = UInt64(address)
        scope = 0
    }

    init(high: UInt64, low: UInt64, scope: UInt32) {
        family = .v6
        self.high = high
        self.low = low
        self.scope = scope
    }

    /// Reads `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`; nil for anything else.
    package init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var text = Substring(text)
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        var v4 = in_addr()
        var v6 = in6_addr()
        if unsafe inet_pton(AF_INET, String(text), &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
        } else if unsafe inet_pton(AF_INET6, String(text), &v6) == 1 {
            self.init(v6, scope: 0)
        } else {
            return nil
        }
    }

    /// Four or sixteen octets in network order; nil for another number of them.
    init?(octets: [UInt8]) {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch octets.count {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: word(octets[...])))
        case 16: self.init(high: word(octets[..<8]), low: word(octets[8...]), scope: 0)
        default: return nil
        }
    }

    fileprivate init(_ address: in6_addr, scope: UInt32) {
        let (high, low) = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(high: high, low: low, scope: scope)
    }

    fileprivate var in6: in6_addr {
        var address = in6_addr()
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The four or sixteen octets in network order.
    package var octets: [UInt8] {
        func bytes(_ word: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return family == .v4 ? Array(bytes(low).suffix(4)) : bytes(high) + bytes(low)
    }

    /// The IPv4 address inside of `::ffff:a.b.c.d`, else the address itself: filters must look at what is really dialled.
    package var unmapped: IPAddress {
        guard family == .v6, high == 0, low >> 32 == 0xFFFF else { return self }
        return IPAddress(v4: UInt32(truncatingIfNeeded: low))
    }

    package var isLoopback: Bool {
        let address = unmapped
        return address.family == .v4 ? address.low >> 24 == 127 : address.high == 0 && address.low == 1
    }

    package var description: String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            unsafe base.pointee = 0
            switch family {
            case .v4:
                var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
                _ = unsafe inet_ntop(AF_INET, &address, base, 64)
            case .v6:
                var address = in6
                _ = unsafe inet_ntop(AF_INET6, &address, base, 64)
            }
            return unsafe String(cString: base)
        }
    }
}

/// Where a TCP connection ends: an address and a port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    package let ip: IPAddress
    package let port: UInt16

    package init(_ ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    package var description: String { ip.family == .v4 ? "\(ip):\(port)" : "[\(ip)]:\(port)" }

    var family: Int32 { ip.family == .v4 ? AF_INET : AF_INET6 }

    /// What the kernel tells; nil for families other than IP.
    init?(_ address: UnsafePointer<sockaddr>?) {
        guard let address = unsafe address else { return nil }
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            let v4 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            self.init(IPAddress(v4: UInt32(bigEndian: v4.sin_addr.s_addr)), port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            self.init(IPAddress(v6.sin6_addr, scope: v6.sin6_scope_id), port: UInt16(bigEndian: v6.sin6_port))
        default:
            return nil
        }
    }

    /// Lends the address in the kernel's form.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let raw = UnsafeMutableRawPointer(pointer)
            let size: Int
            switch ip.family {
            case .v4:
                var v4 = sockaddr_in()
                v4.sin_family = sa_family_t(AF_INET)
                v4.sin_port = port.bigEndian
                v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: ip.low).bigEndian
                unsafe raw.storeBytes(of: v4, as: sockaddr_in.self)
                size = MemoryLayout<sockaddr_in>.size
            case .v6:
                var v6 = sockaddr_in6()
                v6.sin6_family = sa_family_t(AF_INET6)
                v6.sin6_port = port.bigEndian
                v6.sin6_addr = ip.in6
                v6.sin6_scope_id = ip.scope
                unsafe raw.storeBytes(of: v6, as: sockaddr_in6.self)
                size = MemoryLayout<sockaddr_in6>.size
            }
            return unsafe body(raw.assumingMemoryBound(to: sockaddr.self), socklen_t(size))
        }
    }

    /// Asks the kernel with `getsockname`, `getpeername` or `accept4`; nil when it fails or the family is not IP.
    static func filled(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, address: SocketAddress?) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let address = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            let result = unsafe call(address, &size)
            return unsafe (result, result >= 0 ? SocketAddress(address) : nil)
        }
    }
}
