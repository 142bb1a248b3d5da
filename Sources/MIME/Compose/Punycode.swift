// For the composed form (NFC) of a text, which the standard library has and shows to nobody else yet.
@_spi(_Unicode) import Swift

/// Domain names in ASCII: Punycode (RFC 3492) and what IDNA (RFC 5891, UTS 46) makes equal: case, composed and separate accents, and
/// the wide letters of Asian keyboards.
package enum Punycode {
    /// The domain with A-labels only; nil where a label is none or too long.
    package static func asciiDomain(_ domain: some StringProtocol) -> String? {
        var labels: [String] = []
        for label in String(domain).split(omittingEmptySubsequences: false, whereSeparator: isDot) {
            guard let ascii = asciiLabel(String(label)) else { return nil }
            labels.append(ascii)
        }
        let result = labels.joined(separator: ".")
        return result.utf8.count <= Bounds.domain ? result : nil
    }

    /// The dots of RFC 3490, section 3.1.
    private static func isDot(_ character: Character) -> Bool {
        character == "." || character == "\u{3002}" || character == "\u{FF0E}" || character == "\u{FF61}"
    }

    private static func asciiLabel(_ label: String) -> String? {
        var result = label
        if !label.utf8.allSatisfy({ $0 < 0x80 }) {
            let narrow = String(String.UnicodeScalarView(label.unicodeScalars.map(narrow)))
            if narrow.utf8.allSatisfy({ $0 < 0x80 }) { return asciiLabel(narrow.lowercased()) }
            let scalars = Array(narrow.lowercased()._nfc)
            guard scalars.allSatisfy(isLabelScalar), let encoded = encode(scalars) else { return nil }
            result = "xn--" + encoded
        }
        let octets = Array(result.utf8)
        guard (1...63).contains(octets.count), octets.first != 0x2D, octets.last != 0x2D else { return nil }
        let isLDH = octets.allSatisfy { $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D }
        return isLDH ? result : nil
    }

    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(UInt8(scalar.value - 0xFEE0))
    }

    /// Letters, marks and digits of any script, and the joiners of RFC 5892.
    private static func isLabelScalar(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value != 0x2E }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default:
            return [0xB7, 0x200C, 0x200D, 0x375, 0x5F3, 0x5F4, 0x30FB].contains(scalar.value)
        }
    }

    private static let base: UInt32 = 36
    private static let tMin: UInt32 = 1
    private static let tMax: UInt32 = 26

    /// RFC 3492, section 6.3; nil on overflow.
    static func encode(_ scalars: [Unicode.Scalar]) -> String? {
        guard scalars.count <= 63 else { return nil }
        var output = scalars.filter(\.isASCII).map { UInt8($0.value) }
        let basicCount = UInt32(output.count)
        var handled = basicCount
        if handled > 0 { output.append(0x2D) }
        var code: UInt32 = 128
        var delta: UInt32 = 0
        var bias: UInt32 = 72
        while handled < UInt32(scalars.count) {
            guard let next = scalars.lazy.map(\.value).filter({ $0 >= code }).min() else { return nil }
            let (step, overflow) = (next - code).multipliedReportingOverflow(by: handled + 1)
            guard !overflow, delta <= UInt32.max - step else { return nil }
            delta += step
            code = next
            for scalar in scalars {
                if scalar.value < code { delta += 1 }
                guard scalar.value == code else { continue }
                appendVariableLength(delta, bias: bias, to: &output)
                bias = adapt(delta, count: handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendVariableLength(_ delta: UInt32, bias: UInt32, to output: inout [UInt8]) {
        var rest = delta
        var position = base
        while true {
            let threshold = position <= bias ? tMin : min(max(position - bias, tMin), tMax)
            if rest < threshold { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    private static func adapt(_ delta: UInt32, count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var position: UInt32 = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            position += base
        }
        return position + (base - tMin + 1) * delta / (delta + 38)
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        UInt8(value < 26 ? 0x61 + value : 0x30 + value - 26)
    }
}
