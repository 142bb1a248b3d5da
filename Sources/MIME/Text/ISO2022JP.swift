/// Rewrites ISO-2022-JP as EUC-JP, whose Microsoft variant glibc knows.
///
/// glibc's own ISO-2022-JP is the strict one of RFC 1468; mail has half-width katakana and the NEC row (①, ㈱) in it.
struct ISO2022JP {
    private enum Set {
        case ascii
        case katakana
        case kanji
        case supplement
    }

    private var set = Set.ascii
    private var lead: UInt8?
    private var escape: [UInt8] = []

    mutating func rewrite(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        for index in chunk.indices { take(chunk[index], &output) }
    }

    private mutating func take(_ byte: UInt8, _ output: inout [UInt8]) {
        if !escape.isEmpty {
            escape.append(byte)
            finishEscape()
            return
        }
        if byte == 0x1B {
            lead = nil
            escape = [byte]
            return
        }
        guard byte > 0x20, byte < 0x7F else {
            lead = nil
            output.append(byte)
            return
        }
        switch set {
        case .ascii: output.append(byte)
        case .katakana: output.append(contentsOf: byte < 0x60 ? [0x8E, byte | 0x80] : [byte])
        case .kanji, .supplement:
            guard let first = lead else {
                lead = byte
                return
            }
            if set == .supplement { output.append(0x8F) }
            output.append(first | 0x80)
            output.append(byte | 0x80)
            lead = nil
        }
    }

    /// Ends the escape sequence where it is complete or none that we know; an unknown one is dropped.
    private mutating func finishEscape() {
        switch Array(escape.dropFirst()) {
        case [0x24], [0x28], [0x24, 0x28]: return
        case [0x28, 0x42], [0x28, 0x4A], [0x28, 0x48]: set = .ascii
        case [0x28, 0x49]: set = .katakana
        case [0x24, 0x42], [0x24, 0x40], [0x24, 0x28, 0x42], [0x24, 0x28, 0x40]: set = .kanji
        case [0x24, 0x28, 0x44]: set = .supplement
        default: break
        }
        escape = []
    }
}
