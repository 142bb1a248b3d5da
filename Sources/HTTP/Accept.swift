/// What a client would like to get (RFC 9110 section 12.5.1).
package struct Accept: Sendable, Equatable {
    private struct Range: Sendable, Equatable {
        let type: String
        let subtype: String
        /// In thousandths.
        let quality: Int
    }

    private var ranges: [Range] = []

    /// Reads a field value; what is no media range in it is passed over.
    ///
    /// Nil or empty accepts everything.
    package init(_ value: String?) {
        var scanner = FieldScanner(value ?? "")
        repeat {
            scanner.skipBlanks()
            guard let type = scanner.takeToken(), scanner.take(0x2F), let subtype = scanner.takeToken(),
                let parameters = scanner.takeParameters()
            else { continue }
            let quality = parameters.first { $0.name == "q" }.map { Self.quality($0.value) } ?? 1000
            ranges.append(Range(type: type.lowercased(), subtype: subtype.lowercased(), quality: quality))
        } while scanner.skipToNextElement() && ranges.count < Bound.listElements
    }

    /// The one of `offers` that the client likes best, the earlier where it likes two alike; nil where it takes none.
    package func best(of offers: [String]) -> String? {
        var best: (offer: String, quality: Int)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }

    /// In thousandths, by the most specific range that fits; 0 is not acceptable.
    package func quality(of offer: String) -> Int {
        guard !ranges.isEmpty else { return 1000 }
        let parts = offer.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return 0 }
        if let exact = ranges.first(where: { $0.type == parts[0] && $0.subtype == parts[1] }) { return exact.quality }
        if let anySubtype = ranges.first(where: { $0.type == parts[0] && $0.subtype == "*" }) {
            return anySubtype.quality
        }
        return ranges.first { $0.type == "*" && $0.subtype == "*" }?.quality ?? 0
    }

    /// Reads `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`; what is none counts as 1.
    private static func quality(_ text: String) -> Int {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else { return 1000 }
        guard first == 0x30, digits.count > 2, digits[1] == 0x2E else { return first == 0x30 ? 0 : 1000 }
        var value = 0
        for index in 2..<5 {
            let digit = index < digits.count ? digits[index] : 0x30
            guard Octet.isDigit(digit) else { return 1000 }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
