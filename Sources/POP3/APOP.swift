import Crypto

/// The digest login of RFC 1939, 7.
enum APOP {
    /// The timestamp of a greeting: `<…@…>`, printable ASCII only, or nil.
    ///
    /// Anything else is not answered: with chosen octets in it a false server can learn the password piece by piece
    /// (CVE-2007-1558).
    static func timestamp(in greeting: String) -> String? {
        guard let start = greeting.lastIndex(of: "<"), let end = greeting[start...].firstIndex(of: ">") else {
            return nil
        }
        let text = greeting[start...end]
        guard text.utf8.count <= POP3Limits.maximumTimestampOctets, text.utf8.contains(UInt8(ascii: "@")),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(text)
    }

    static func digest(timestamp: String, password: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let octets = Insecure.MD5.hash(data: Array(timestamp.utf8) + password)
            .flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: octets, as: UTF8.self)
    }
}
