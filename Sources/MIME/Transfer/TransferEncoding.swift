/// Content-Transfer-Encoding, RFC 2045, section 6.
package enum TransferEncoding: String, Sendable, Hashable {
    case sevenBit = "7bit"
    case eightBit = "8bit"
    case binary = "binary"
    case quotedPrintable = "quoted-printable"
    case base64 = "base64"
    case uuencode = "x-uuencode"
    /// Named, but by nobody known: the content is passed on as it is (RFC 2045, section 6.4).
    case unknown = "unknown"

    /// Reads the field as mailers write it: quoted, commented, in any case, `8-bit`, `quoted/printable`, `uuencode`.
    package init(label: String) {
        let lower = label.lowercased()
        // Nearly all are written as they should be.
        if let encoding = Self(rawValue: lower) {
            self = encoding
            return
        }
        let label = lower.prefix { $0 != ";" && $0 != "(" }
        let letters = label.unicodeScalars.filter {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
        }
        self =
            switch String(String.UnicodeScalarView(letters)) {
            case "", "7bit", "7bits", "usascii", "none": .sevenBit
            case "8bit", "8bits": .eightBit
            case "binary": .binary
            case "quotedprintable", "quotedprintible", "qp": .quotedPrintable
            case "base64", "xbase64", "b64": .base64
            case "xuuencode", "uuencode", "xuue", "uue", "xuuencoded", "uuencoded": .uuencode
            default: .unknown
            }
    }

    /// Whether decoded octets are the encoded ones.
    package var isIdentity: Bool {
        switch self {
        case .sevenBit, .eightBit, .binary, .unknown: true
        case .quotedPrintable, .base64, .uuencode: false
        }
    }
}
