package import Transport

/// Which addresses a request on behalf of a caller may be sent to: the guard against server-side request forgery.
///
/// It judges an address, never a name, and is asked about the one that is dialled: a name server that changes its mind
/// between a check and the connection changes nothing.
package struct AddressPolicy: Sendable, Equatable {
    /// What an address is for (the IANA special-purpose registries, RFC 6890).
    package enum Kind: Sendable, Equatable {
        case global
        /// Reached only inside of somebody's network, or of this machine: for those who say that they want it.
        case local(String)
        /// Metadata services, other links, groups, addresses that stand for others: never.
        case forbidden(String)
    }

    /// Whether loopback and private networks may be called.
    package var allowsLocal: Bool

    package init(allowsLocal: Bool = false) { self.allowsLocal = allowsLocal }

    package func allows(_ address: IPAddress) -> Bool { refusal(of: address) == nil }

    /// What the address is, where it may not be called.
    package func refusal(of address: IPAddress) -> String? {
        switch Self.kind(of: address) {
        case .global: nil
        case .local(let what): allowsLocal ? nil : what
        case .forbidden(let what): what
        }
    }

    package static func kind(of address: IPAddress) -> Kind {
        let octets = address.octets
        if address.family == .v4 { return v4(octets) }
        // Other spellings of an IPv4 address lead to it, so it decides: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
        if octets.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) { return v4(Array(octets[12...])) }
        if octets.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) { return v4(Array(octets[12...])) }
        if octets.starts(with: [0x20, 0x02]) { return v4(Array(octets[2..<6])) }
        return v6(octets)
    }

    private static func v4(_ octets: [UInt8]) -> Kind {
        let address = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        func isIn(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, bits: UInt32) -> Bool {
            (address ^ (a << 24 | b << 16 | c << 8 | d)) >> (32 - bits) == 0
        }
        // Where clouds keep credentials although the network around is not link-local.
        if isIn(100, 100, 100, 200, bits: 32) || isIn(168, 63, 129, 16, bits: 32) {
            return .forbidden("a cloud's metadata address")
        }
        if isIn(127, 0, 0, 0, bits: 8) { return .local("a loopback address") }
        if isIn(10, 0, 0, 0, bits: 8) || isIn(172, 16, 0, 0, bits: 12) || isIn(192, 168, 0, 0, bits: 16) {
            return .local("a private address")
        }
        if isIn(100, 64, 0, 0, bits: 10) { return .local("a carrier's shared address") }
        if isIn(198, 18, 0, 0, bits: 15) { return .local("a benchmarking address") }
        if isIn(169, 254, 0, 0, bits: 16) { return .forbidden("a link-local address") }
        if isIn(224, 0, 0, 0, bits: 4) { return .forbidden("a multicast address") }
        if isIn(0, 0, 0, 0, bits: 8) { return .forbidden("an unspecified address") }
        let documentation = isIn(192, 0, 2, 0, bits: 24) || isIn(198, 51, 100, 0, bits: 24)
        if documentation || isIn(203, 0, 113, 0, bits: 24) { return .forbidden("an address of documentation") }
        if isIn(192, 0, 0, 0, bits: 24) || isIn(192, 88, 99, 0, bits: 24) || isIn(240, 0, 0, 0, bits: 4) {
            return .forbidden("a reserved address")
        }
        return .global
    }

    private static func v6(_ octets: [UInt8]) -> Kind {
        if octets.dropLast().allSatisfy({ $0 == 0 }) {
            switch octets[15] {
            case 0: return .forbidden("an unspecified address")
            case 1: return .local("a loopback address")
            default: return .forbidden("a reserved address")
            }
        }
        if octets.starts(with: [0xFD, 0x00, 0x0E, 0xC2]) || octets.starts(with: [0xFD, 0x20, 0x00, 0xCE]) {
            return .forbidden("a cloud's metadata address")
        }
        if octets[0] & 0xFE == 0xFC { return .local("a private address") }
        if octets[0] == 0xFE, octets[1] & 0xC0 == 0x80 { return .forbidden("a link-local address") }
        if octets[0] == 0xFF { return .forbidden("a multicast address") }
        if octets.starts(with: [0x20, 0x01, 0x0D, 0xB8]) { return .forbidden("an address of documentation") }
        if octets.starts(with: [0x3F, 0xFF]), octets[2] & 0xF0 == 0 {
            return .forbidden("an address of documentation")
        }
        // 2001::/23 holds Teredo and other addresses that stand for something else; beside 2000::/3 nothing is global.
        if octets.starts(with: [0x20, 0x01]), octets[2] & 0xFE == 0 { return .forbidden("a reserved address") }
        return octets[0] & 0xE0 == 0x20 ? .global : .forbidden("a reserved address")
    }
}

extension AddressPolicy {
    /// What is wrong with a host that says its address itself; nil for a name, which is judged when it is dialled.
    package func refusal(ofHost host: String) -> String? {
        if let address = IPAddress(host) { return refusal(of: address) }
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        // RFC 6761 section 6.3.
        guard name == "localhost" || name.hasSuffix(".localhost"), !allowsLocal else { return nil }
        return "a loopback address"
    }
}
