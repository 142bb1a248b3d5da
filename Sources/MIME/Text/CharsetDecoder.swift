import Wire

/// Turns text of a labelled charset into UTF-8 piece by piece; what cannot be decoded becomes U+FFFD.
package struct CharsetDecoder: ~Copyable {
    private enum Mode {
        case utf8
        /// UTF-8 until a chunk that is none.
        case detect
        case windows1252
        case converter(Iconv)
    }

    package private(set) var problem: MIMEProblem?
    private var mode: Mode
    private var japanese: ISO2022JP?
    /// The beginning of a character that the next chunk may complete; a few octets at most.
    private var pending: [UInt8] = []

    /// A missing or meaningless label (`unknown-8bit`) is read as UTF-8 while it is, then as windows-1252, chunk by chunk: who has the
    /// whole text gives it whole.
    package init(label: String?) {
        let charset = Charset(label: label)
        switch charset {
        case .utf8: mode = .utf8
        case .detect: mode = .detect
        case .windows1252: mode = .windows1252
        case .iso2022JP:
            mode = Iconv("EUC-JP-MS").map(Mode.converter) ?? .detect
            japanese = ISO2022JP()
        case .iconv(let name):
            mode = Iconv(name).map(Mode.converter) ?? .detect
        case .unknown:
            mode = .detect
            problem = .unknownCharset
        }
    }

    /// The UTF-8 of what is complete in `chunk` and what waited before it.
    package mutating func decode(_ chunk: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        decode(chunk.span, into: &output)
        return output
    }

    package mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        guard !chunk.isEmpty else { return }
        if japanese != nil {
            var rewritten: [UInt8] = []
            japanese?.rewrite(chunk, into: &rewritten)
            decodePending(followedBy: rewritten.span, into: &output)
        } else {
            decodePending(followedBy: chunk, into: &output)
        }
    }

    /// What was still waiting for more input: at most one broken character.
    package mutating func finish() -> [UInt8] {
        guard !pending.isEmpty else { return [] }
        let rest = pending
        pending = []
        problem = problem ?? .undecodableText
        if case .detect = mode {
            var output: [UInt8] = []
            Windows1252.decode(rest.span, into: &output)
            return output
        }
        return Array("\u{FFFD}".utf8)
    }

    private mutating func decodePending(followedBy chunk: Span<UInt8>, into output: inout [UInt8]) {
        guard pending.isEmpty else {
            var joined = pending
            pending = []
            joined.append(contentsOf: ByteCursor(chunk).array(0..<chunk.count))
            convert(joined.span, into: &output)
            return
        }
        convert(chunk, into: &output)
    }

    private mutating func convert(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        switch mode {
        case .windows1252: Windows1252.decode(bytes, into: &output)
        case .converter(let converter): convert(bytes, with: converter, into: &output)
        case .utf8, .detect: passUTF8(bytes, into: &output)
        }
    }

    private mutating func convert(_ bytes: Span<UInt8>, with converter: Iconv, into output: inout [UInt8]) {
        var position = 0
        while position < bytes.count {
            let (consumed, stop) = converter.convert(bytes.extracting(position..<bytes.count), into: &output)
            position += consumed
            switch stop {
            case .end: return
            case .incomplete:
                let rest = ByteCursor(bytes).array(position..<bytes.count)
                if rest.count <= 16 {
                    pending = rest
                    return
                }
                fallthrough
            case .invalid:
                problem = problem ?? .undecodableText
                output.append(contentsOf: [0xEF, 0xBF, 0xBD])
                position += 1
            }
        }
    }

    private mutating func passUTF8(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        let complete = bytes.count - UTF8Tail.incompleteCount(bytes)
        let whole = bytes.extracting(0..<complete)
        if (try? UTF8Span(validating: whole)) != nil {
            output.append(contentsOf: ByteCursor(whole).array(0..<complete))
            pending = ByteCursor(bytes).array(complete..<bytes.count)
            return
        }
        if case .detect = mode {
            mode = .windows1252
            problem = problem ?? .undecodableText
            Windows1252.decode(bytes, into: &output)
            return
        }
        problem = problem ?? .undecodableText
        output.append(contentsOf: String(decoding: ByteCursor(whole).array(0..<complete), as: UTF8.self).utf8)
        pending = ByteCursor(bytes).array(complete..<bytes.count)
    }
}

/// The end of a piece of UTF-8.
enum UTF8Tail {
    /// How many octets at the end begin a character that is not complete.
    static func incompleteCount(_ bytes: Span<UInt8>) -> Int {
        var back = 1
        while back <= 3, back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 {
                back += 1
                continue
            }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
            return length > back && byte < 0xF5 ? back : 0
        }
        return 0
    }
}

/// The charset that browsers read for everything Latin: ISO-8859-1 with typographic characters in 0x80–0x9F.
enum Windows1252 {
    private static let upper: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    static func decode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count)
        let upper = upper
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x80 {
                output.append(byte)
                continue
            }
            let scalar = byte < 0xA0 ? upper[Int(byte - 0x80)] : UInt16(byte)
            if scalar < 0x800 {
                output.append(UInt8(0xC0 | scalar >> 6))
            } else {
                output.append(UInt8(0xE0 | scalar >> 12))
                output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            }
            output.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
