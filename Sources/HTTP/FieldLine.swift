/// One line of a field section: a field, the empty line that ends it, or not all there yet.
enum FieldLine {
    case incomplete
    case field(HTTPFields.Entry, next: Int)
    case end(next: Int)

    /// Reads `field-name ":" OWS field-value OWS CRLF`.
    ///
    /// RFC 9112 section 5, with nothing forgiven: whitespace before the colon, folded lines and bare CR or LF are the
    /// tools of request smuggling, so each is an error by name.
    static func parse(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRefusal) -> FieldLine {
        let end = bytes.count
        guard start < end else { return .incomplete }
        if bytes[start] == Octet.cr {
            guard start + 1 < end else { return .incomplete }
            guard bytes[start + 1] == Octet.lf else { throw .malformed("CR without LF") }
            return .end(next: start + 2)
        }
        var index = start
        var fingerprint = Fingerprint()
        while index < end, Octet.isToken(bytes[index]) {
            fingerprint.add(bytes[index])
            index += 1
        }
        guard index < end else { return .incomplete }
        guard bytes[index] == Octet.colon else {
            throw .malformed(fault(inName: bytes[index], isFirst: index == start))
        }
        guard index > start, index - start <= 255 else { throw .malformed("empty or oversized field name") }
        let nameCount = index - start
        index += 1
        while index < end, Octet.isBlank(bytes[index]) { index += 1 }
        let valueStart = index
        while index < end, Octet.isFieldValue(bytes[index]) { index += 1 }
        guard index < end else { return .incomplete }
        guard bytes[index] == Octet.cr else {
            throw .malformed(bytes[index] == Octet.lf ? "LF without CR" : "control character in a field")
        }
        guard index + 1 < end else { return .incomplete }
        guard bytes[index + 1] == Octet.lf else { throw .malformed("CR without LF") }
        var valueEnd = index
        while valueEnd > valueStart, Octet.isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        let entry = HTTPFields.Entry(
            nameStart: UInt32(truncatingIfNeeded: start), valueStart: UInt32(truncatingIfNeeded: valueStart),
            valueCount: UInt32(truncatingIfNeeded: valueEnd - valueStart),
            nameCount: UInt16(truncatingIfNeeded: nameCount), fingerprint: fingerprint.value)
        return .field(entry, next: index + 2)
    }

    private static func fault(inName byte: UInt8, isFirst: Bool) -> String {
        switch byte {
        case Octet.space, Octet.tab: isFirst ? "folded field line" : "whitespace before the colon"
        case Octet.cr, Octet.lf: "field line without a colon"
        default: "octet that no field name has"
        }
    }
}

/// Reads a start line and a field section as they arrive, each octet once, and enforces the limits.
struct HeadReader: Sendable {
    /// Where the line to read next begins, from the front of the input.
    private(set) var position = 0
    private(set) var entries: [HTTPFields.Entry] = []
    /// Octets in which nothing completes the current line; 0 while unknown.
    private var searched = 0

    /// Whether a line may be complete now; asked before a line is parsed again, so that a head that comes octet by
    /// octet costs linear, not quadratic, time.
    mutating func mayHaveLine(_ bytes: Span<UInt8>) -> Bool {
        guard searched > position else { return position < bytes.count }
        var index = searched - 1
        while index < bytes.count {
            // A CR with something behind it ends the line or breaks it.
            if bytes[index] == Octet.lf || (bytes[index] == Octet.cr && index + 1 < bytes.count) {
                searched = 0
                return true
            }
            index += 1
        }
        searched = bytes.count
        return false
    }

    mutating func lineIsIncomplete(_ bytes: Span<UInt8>) { searched = bytes.count }

    mutating func startLineEnded(at next: Int) {
        position = next
        if entries.capacity == 0 { entries.reserveCapacity(12) }
    }

    /// The index behind the empty line, or nil where more octets are needed.
    mutating func readFields(_ bytes: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPRefusal) -> Int? {
        while mayHaveLine(bytes) {
            switch try FieldLine.parse(bytes, from: position) {
            case .incomplete:
                lineIsIncomplete(bytes)
                guard bytes.count - position <= limits.fieldLine else { throw .fieldsTooLarge }
                guard bytes.count <= limits.head else { throw .fieldsTooLarge }
                return nil
            case .field(let entry, let next):
                guard next - position <= limits.fieldLine, next <= limits.head, entries.count < limits.fieldCount
                else { throw .fieldsTooLarge }
                entries.append(entry)
                position = next
            case .end(let next):
                return next
            }
        }
        guard bytes.count - position <= limits.fieldLine, bytes.count <= limits.head else { throw .fieldsTooLarge }
        return nil
    }
}
