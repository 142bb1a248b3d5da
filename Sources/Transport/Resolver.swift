internal import Glibc

/// Host names to addresses, by the system's resolver and its configuration.
package enum Resolver {
    /// Looks up off the loop.
    ///
    /// At the deadline the answer is given up; the call itself cannot be stopped.
    static nonisolated(nonsending) func addresses(
        of host: String, port: UInt16, on loop: EventLoop, deadline: Deadline
    ) async throws(TransportError) -> [SocketAddress] {
        if let address = IPAddress(host) { return [SocketAddress(address, port: port)] }
        let answer = OneShot<[SocketAddress]>()
        let isTaken = BlockingPool.resolver.submit {
            answer.complete(Result { () throws(TransportError) in try look(up: host, port) })
        }
        guard isTaken else { throw .limitExceeded(.blockingCalls) }
        let timer = loop.arm(
            .run(
                { answer.complete(.failure(.deadlineExceeded(.resolve))) },
                onStop: { answer.complete(.failure(.closed)) }),
            at: deadline)
        defer { loop.disarm(timer) }
        return try await answer.value(on: loop)
    }

    /// Looks up on this thread.
    static func look(up host: String, _ port: UInt16) throws(TransportError) -> [SocketAddress] {
        // What is no host name is not sent to a name server; NUL would end it early.
        guard (1...255).contains(host.utf8.count), host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .resolveFailed(.noSuchHost)
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { throw .resolveFailed(resolution(code)) }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry, addresses.count < Limits.addressesPerHost {
            if let address = unsafe SocketAddress(current.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe entry = unsafe current.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw .resolveFailed(.noAddress) }
        return addresses
    }

    private static func resolution(_ code: Int32) -> TransportError.Resolution {
        switch code {
        case EAI_NONAME: .noSuchHost
        case -5: .noAddress  // EAI_NODATA, which glibc shows to GNU sources only.
        case EAI_AGAIN: .temporary
        default: .failed(code: code)
        }
    }

    /// RFC 8305, 4: families take turns, the family of the resolver's first choice (RFC 6724) begins.
    package static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.ip.family == first.ip.family }
        let others = addresses.filter { $0.ip.family != first.ip.family }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}
