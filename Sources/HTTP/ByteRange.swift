/// One range of octets that a client asks for (RFC 9110 section 14.1.2).
package enum ByteRange: Sendable, Equatable {
    /// `bytes=first-last`
    case closed(Int, Int)
    /// `bytes=first-`
    case from(Int)
    /// `bytes=-count`
    case last(Int)

    /// Nil where `Range` is absent, broken or asks for several ranges: the whole is then served, as section 14.2 allows.
    package init?(_ value: String?) {
        guard let value else { return nil }
        var scanner = FieldScanner(value)
        scanner.skipBlanks()
        guard let unit = scanner.takeToken(), unit.lowercased() == "bytes", scanner.take(0x3D) else { return nil }
        scanner.skipBlanks()
        let first = scanner.takeNumber()
        guard scanner.take(0x2D) else { return nil }
        let last = scanner.takeNumber()
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
        switch (first, last) {
        case (let first?, let last?) where first <= last: self = .closed(first, last)
        case (let first?, nil): self = .from(first)
        case (nil, let count?): self = .last(count)
        default: return nil
        }
    }

    /// The octets of a representation of `size`; nil where there are none: 416.
    package func resolve(size: Int) -> Range<Int>? {
        switch self {
        case .closed(let first, let last): first < size ? first..<(min(last, size - 1) + 1) : nil
        case .from(let first): first < size ? first..<size : nil
        case .last(let count): count > 0 && size > 0 ? max(0, size - count)..<size : nil
        }
    }

    /// The value of `Content-Range` for 206.
    package static func contentRange(_ range: Range<Int>, size: Int) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    }

    /// The value of `Content-Range` for 416.
    package static func unsatisfied(size: Int) -> String { "bytes */\(size)" }
}
