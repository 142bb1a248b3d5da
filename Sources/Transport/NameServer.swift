internal import CLinux
internal import Glibc

/// Questions to a name server that `getaddrinfo` has no words for; one of our choice, or the system's.
package struct NameServer: Sendable, Equatable {
    /// Nil for those that the system is set up with.
    private let address: SocketAddress?

    package static let system = NameServer(address: nil)

    private init(address: SocketAddress?) { self.address = address }

    /// Asks this one and no other.
    package init(_ address: SocketAddress) { self.init(address: address) }

    /// Looks up off the loop; a name that does not exist, or has no such record, has none.
    ///
    /// At the deadline the answer is given up; the call itself cannot be stopped.
    package nonisolated(nonsending) func records(
        _ name: String, _ type: DNSRecordType, on loop: EventLoop, deadline: Deadline
    ) async throws(TransportError) -> [DNSRecord] {
        let answer = OneShot<[DNSRecord]>()
        let isTaken = BlockingPool.resolver.submit { [address] in
            // While mute servers held all threads, whoever asked has gone.
            guard !deadline.hasPassed else { return answer.complete(.failure(.deadlineExceeded(.resolve))) }
            answer.complete(Result { () throws(TransportError) in try Self.query(name, type, address) })
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

    /// The addresses of a host, as a dialler wants them.
    nonisolated(nonsending) func addresses(
        of host: String, port: UInt16, on loop: EventLoop, deadline: Deadline
    ) async throws(TransportError) -> [SocketAddress] {
        guard address != nil, IPAddress(host) == nil, host != "localhost" else {
            return try await Resolver.addresses(of: host, port: port, on: loop, deadline: deadline)
        }
        var found: [SocketAddress] = []
        for type in [DNSRecordType.aaaa, .a] {
            for case .address(let ip) in try await records(host, type, on: loop, deadline: deadline) {
                found.append(SocketAddress(ip, port: port))
            }
        }
        guard !found.isEmpty else { throw .resolveFailed(.noSuchHost) }
        return Array(found.prefix(Limits.addressesPerHost))
    }

    private static func query(
        _ name: String, _ type: DNSRecordType, _ address: SocketAddress?
    ) throws(TransportError) -> [DNSRecord] {
        guard (1...253).contains(name.utf8.count), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .resolveFailed(.noSuchHost)
        }
        var octets = [UInt8](repeating: 0, count: Limits.dnsOctets)
        let length = unsafe octets.withUnsafeMutableBufferPointer { buffer in
            unsafe mb_dns_query(
                name, Int32(type.rawValue), address?.ip.description, address?.port ?? 0, buffer.baseAddress,
                Int32(buffer.count))
        }
        switch length {
        case -1, -4: return []  // HOST_NOT_FOUND, NO_DATA
        case ..<0: throw .resolveFailed(.temporary)
        default:
            // What was longer than the buffer is cut, and so no answer.
            guard length <= Limits.dnsOctets, let message = DNSMessage(Array(octets.prefix(Int(length)))) else {
                throw .resolveFailed(.failed(code: 0))
            }
            return message.records
        }
    }
}
