import Wire

/// What a name server says of a name, as far as discovery asks (RFC 1035, 2782, 3596).
package enum DNSRecord: Sendable, Hashable {
    case address(IPAddress)
    /// The lowest preference first (RFC 5321, 5.1).
    case mailExchange(preference: UInt16, host: String)
    /// The lowest priority first; the weight shares among equals. A target `.` says that the service is not there (RFC 6186, 3.4).
    case service(priority: UInt16, weight: UInt16, port: UInt16, target: String)
    /// The strings of a TXT record, joined (RFC 6376, 3.6.2.2).
    case text([UInt8])
}

/// The kinds of records that are asked for.
package enum DNSRecordType: UInt16, Sendable {
    case a = 1
    case mailExchange = 15
    case text = 16
    case aaaa = 28
    case service = 33
}

/// An answer of a name server, read with nothing believed: a stranger writes it.
package struct DNSMessage: Sendable, Equatable {
    /// Of the answer section, those of the kinds that we know.
    package private(set) var records: [DNSRecord] = []

    /// Nil for what is no well-formed answer.
    package init?(_ octets: [UInt8]) {
        let bytes = octets.span
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { return nil }
        let questions = Self.number(bytes, 4)
        let answers = Self.number(bytes, 6)
        var position = 12
        for _ in 0..<questions {
            guard let (_, end) = Self.name(bytes, at: position), end + 4 <= bytes.count else { return nil }
            position = end + 4
        }
        for _ in 0..<min(answers, Limits.dnsRecords) {
            guard let (_, end) = Self.name(bytes, at: position), end + 10 <= bytes.count else { return nil }
            let type = UInt16(Self.number(bytes, end))
            let length = Self.number(bytes, end + 8)
            let start = end + 10
            guard start + length <= bytes.count else { return nil }
            if let type = DNSRecordType(rawValue: type) {
                guard let record = Self.record(type, bytes, start..<start + length) else { return nil }
                records.append(record)
            }
            position = start + length
        }
    }

    private static func number(_ bytes: Span<UInt8>, _ index: Int) -> Int {
        Int(bytes[index]) << 8 | Int(bytes[index + 1])
    }

    private static func record(_ type: DNSRecordType, _ bytes: Span<UInt8>, _ data: Range<Int>) -> DNSRecord? {
        switch type {
        case .a, .aaaa:
            guard data.count == (type == .a ? 4 : 16) else { return nil }
            return IPAddress(octets: ByteCursor(bytes).array(data)).map { .address($0) }
        case .mailExchange:
            guard data.count > 2, let (host, end) = name(bytes, at: data.lowerBound + 2), end == data.upperBound else {
                return nil
            }
            return .mailExchange(preference: UInt16(number(bytes, data.lowerBound)), host: host)
        case .text:
            var octets: [UInt8] = []
            var position = data.lowerBound
            while position < data.upperBound {
                let end = position + 1 + Int(bytes[position])
                guard end <= data.upperBound else { return nil }
                octets += ByteCursor(bytes).array(position + 1..<end)
                position = end
            }
            return .text(octets)
        case .service:
            guard data.count > 6, let (target, end) = name(bytes, at: data.lowerBound + 6), end == data.upperBound
            else {
                return nil
            }
            return .service(
                priority: UInt16(number(bytes, data.lowerBound)), weight: UInt16(number(bytes, data.lowerBound + 2)),
                port: UInt16(number(bytes, data.lowerBound + 4)), target: target)
        }
    }

    /// A name in lower case without the dot at its end, and where it ends; the root is empty.
    ///
    /// A name may point backwards into the message (RFC 1035, 4.1.4); one that points forwards, or round in a circle, is none.
    private static func name(_ bytes: Span<UInt8>, at start: Int) -> (String, Int)? {
        var labels: [String] = []
        var position = start
        var end: Int?
        var octets = 0
        var floor = start
        while true {
            guard position < bytes.count else { return nil }
            let length = Int(bytes[position])
            switch length & 0xC0 {
            case 0xC0:
                guard position + 1 < bytes.count else { return nil }
                let target = (length & 0x3F) << 8 | Int(bytes[position + 1])
                guard target < floor else { return nil }
                end = end ?? position + 2
                floor = target
                position = target
            case 0:
                if length == 0 { return (labels.joined(separator: "."), end ?? position + 1) }
                guard position + 1 + length <= bytes.count else { return nil }
                octets += length + 1
                guard octets <= 255 else { return nil }
                let label = ByteCursor(bytes).array(position + 1..<position + 1 + length).map(lowered)
                // What is no host name is no name of a server of ours.
                guard label.allSatisfy({ hostOctets.contains($0) }) else { return nil }
                labels.append(String(decoding: label, as: UTF8.self))
                position += 1 + length
            default: return nil
            }
        }
    }

    private static let hostOctets = ByteSet.letters.union(.digits).union(ByteSet(and: "-_"))
}
