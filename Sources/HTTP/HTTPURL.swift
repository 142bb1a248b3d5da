/// An absolute `http` or `https` URL, taken apart as a client needs it (RFC 9110 section 4.2, RFC 3986).
///
/// Strict on purpose: two readings of one URL are how a check is led past the host that is dialled. So there is no user
/// information, no backslash, no fragment and no percent sign in the host; names that are not ASCII come in punycode.
package struct HTTPURL: Sendable, Hashable {
    /// Whether TLS is spoken.
    package let isSecure: Bool
    /// A name in lower case, or a numeric address; IPv6 without brackets.
    package let host: String
    package let port: UInt16
    /// Path and query as they go on the wire: `/hooks?id=1`.
    package let target: String

    /// Why a text is no URL that we call.
    package enum Fault: Error, Sendable, Equatable {
        case tooLong
        /// Neither `http://` nor `https://`.
        case scheme
        case userInformation
        case host
        case port
        case fragment
        /// A space, a control character or another octet that no URL holds.
        case character

        package var detail: String {
            switch self {
            case .tooLong: "must not be longer than \(Bound.url) octets"
            case .scheme: "must begin with https:// or http://"
            case .userInformation: "must not hold a user name or a password"
            case .host: "must name a host: letters, digits, dots and hyphens (other names in punycode), or an address"
            case .port: "has a port that is no number from 1 to 65535"
            case .fragment: "must not have a fragment"
            case .character: "holds a character that must be percent-encoded"
            }
        }
    }

    package init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Bound.url else { throw .tooLong }
        let bytes = Array(text.utf8)
        guard let (isSecure, start) = Self.scheme(of: bytes) else { throw .scheme }
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 || $0 == 0x5C } ?? bytes.count
        let authority = bytes[start..<end]
        guard !authority.contains(0x40) else { throw .userInformation }
        let (host, port) = try Self.split(authority)
        self.isSecure = isSecure
        self.host = try Self.checkedHost(host)
        if let port {
            guard !port.isEmpty, port.count <= 5, port.allSatisfy(Octet.isDigit),
                let number = UInt16(String(decoding: port, as: UTF8.self)), number > 0
            else { throw .port }
            self.port = number
        } else {
            self.port = isSecure ? 443 : 80
        }
        let rest = bytes[end...]
        guard !rest.contains(0x23) else { throw .fragment }
        guard rest.allSatisfy({ Octet.isTarget($0) && $0 != 0x5C }) else { throw .character }
        let path = String(decoding: rest, as: UTF8.self)
        target = path.hasPrefix("/") ? path : "/" + path
    }

    /// What `Host` says: without the port where it is the scheme's own.
    package var authority: String {
        let name = host.utf8.contains(Octet.colon) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Scheme, host and port: what a log may show, as paths and queries of webhooks hold secrets.
    package var origin: String { (isSecure ? "https://" : "http://") + authority }

    private static func scheme(of bytes: [UInt8]) -> (isSecure: Bool, start: Int)? {
        for (name, isSecure) in [("https://", true), ("http://", false)]
        where bytes.prefix(name.utf8.count).map(Octet.lowered).elementsEqual(name.utf8) {
            return (isSecure, name.utf8.count)
        }
        return nil
    }

    private static func split(
        _ authority: ArraySlice<UInt8>
    ) throws(Fault) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>?) {
        if authority.first == 0x5B {
            guard let close = authority.firstIndex(of: 0x5D) else { throw .host }
            let address = authority[authority.startIndex + 1..<close]
            guard address.contains(Octet.colon), address.allSatisfy(isAddress) else { throw .host }
            let rest = authority[(close + 1)...]
            if rest.isEmpty { return (address, nil) }
            guard rest.first == Octet.colon else { throw .host }
            return (address, rest.dropFirst())
        }
        guard let colon = authority.firstIndex(of: Octet.colon) else { return (authority, nil) }
        return (authority[..<colon], authority[(colon + 1)...])
    }

    /// Hexadecimal digits, colons and dots: an IPv6 address without a zone.
    private static func isAddress(_ byte: UInt8) -> Bool {
        Octet.hexValue(byte) != nil || byte == Octet.colon || byte == 0x2E
    }

    /// RFC 1123 names; a last label of digits must belong to a dotted address of four parts, as other spellings of
    /// an address (`127.1`, `0x7f000001`) exist only to be misread.
    private static func checkedHost(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
        let text = String(decoding: bytes.map(Octet.lowered), as: UTF8.self)
        if bytes.contains(Octet.colon) { return text }
        var labels = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard (1...253).contains(bytes.count), let last = labels.last else { throw .host }
        for label in labels {
            guard (1...63).contains(label.count), label.allSatisfy(isLabel), label.first != 0x2D, label.last != 0x2D
            else { throw .host }
        }
        let isNumeric =
            last.allSatisfy(Octet.isDigit)
            || (last.starts(with: "0x".utf8) || last.starts(with: "0X".utf8))
                && last.dropFirst(2).allSatisfy { Octet.hexValue($0) != nil }
        guard isNumeric else { return text }
        let parts = labels.map { String(decoding: $0, as: UTF8.self) }
        guard bytes.last != 0x2E, parts.count == 4,
            parts.allSatisfy({ $0.utf8.count <= 3 && ($0 == "0" || !$0.hasPrefix("0")) && UInt8($0) != nil })
        else { throw .host }
        return text
    }

    private static func isLabel(_ byte: UInt8) -> Bool {
        Octet.isDigit(byte) || Octet.lowered(byte) &- 0x61 < 26 || byte == 0x2D || byte == 0x5F
    }
}

extension HTTPURL: CustomStringConvertible {
    package var description: String { origin }
}
