internal import CIDN

/// SASLprep (RFC 4013): one spelling for each name and password, so that both ends make the same digests of it.
package enum SASLprep {
    /// Room for what normalization makes longer: NFKC makes at most 18 characters of one.
    private static let growth = 18

    /// The prepared text; nil where it holds what SASLprep forbids, or is not valid to compare.
    package static func prepare(_ text: String) -> String? {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        guard !text.utf8.contains(0) else { return nil }
        var buffer = text.utf8.map { CChar(bitPattern: $0) }
        buffer += [CChar](repeating: 0, count: buffer.count * growth + 1)
        guard unsafe mb_saslprep(&buffer, buffer.count) == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The prepared text, or as it is: a password that was set unprepared is still one.
    package static func preparedOrAsIs(_ text: String) -> String { prepare(text) ?? text }
}
