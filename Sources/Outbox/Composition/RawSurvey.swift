import Synchronization

/// What must be known of a finished message before it may be sent: found in one pass.
struct RawSurvey: Sendable {
    /// The header with the empty line that ends it, as it came.
    private(set) var head: [UInt8] = []
    /// Why no mail server may be given this message; nil where one may.
    private(set) var fault: String?
    private var line = 1
    private var lineOctets = 0
    private var last: UInt8 = 0
    private var isInHeader = true

    init(_ file: ContentFile) async throws {
        var position = 0
        while position < file.size {
            let octets = try await file.read(position, Limits.piece)
            guard !octets.isEmpty else { break }
            position += octets.count
            read(octets)
        }
        if last == 0x0D { refuse("holds a carriage return without a line feed") }
    }

    private mutating func read(_ octets: [UInt8]) {
        guard fault == nil else { return }
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            index += 1
            if last == 0x0D, octet != 0x0A { return refuse("holds a carriage return without a line feed") }
            switch octet {
            case 0: return refuse("holds a NUL octet")
            case 0x0A:
                if isInHeader { endHeaderLine(octets[..<index]) }
                line += 1
                lineOctets = 0
            case 0x0D: break
            default:
                lineOctets += 1
                if lineOctets > Limits.lineOctets { return refuse("is longer than \(Limits.lineOctets) octets") }
            }
            last = octet
        }
        if isInHeader { keep(octets[...]) }
    }

    /// The pieces of the header that were kept end where the last piece began.
    private mutating func endHeaderLine(_ octets: ArraySlice<UInt8>) {
        guard lineOctets == 0 else { return }
        keep(octets)
        isInHeader = false
    }

    private mutating func keep(_ octets: ArraySlice<UInt8>) {
        guard head.count + octets.count <= Limits.headerOctets else {
            return refuse("is part of a header of more than \(Limits.headerOctets) octets")
        }
        head += octets
    }

    private mutating func refuse(_ detail: String) {
        if fault == nil { fault = "line \(line) \(detail)" }
    }
}

/// Makes each line feed without a carriage return a CRLF, which IMAP servers insist on; lone carriage returns were refused.
final class SharedLineRepair: Sendable {
    private let last = Mutex<UInt8>(0)

    func read(_ octets: [UInt8]) -> [UInt8] {
        last.withLock { last in
            guard Self.hasBareFeed(octets, after: last) else {
                last = octets.last ?? last
                return octets
            }
            var result: [UInt8] = []
            result.reserveCapacity(octets.count + octets.count / 32)
            for octet in octets {
                if octet == 0x0A, last != 0x0D { result.append(0x0D) }
                result.append(octet)
                last = octet
            }
            return result
        }
    }

    private static func hasBareFeed(_ octets: [UInt8], after last: UInt8) -> Bool {
        var last = last
        for octet in octets {
            if octet == 0x0A, last != 0x0D { return true }
            last = octet
        }
        return false
    }
}
