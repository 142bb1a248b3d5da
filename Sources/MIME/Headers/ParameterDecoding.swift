import Wire

/// Joins RFC 2231's continuations and decodes its charsets.
///
/// Lengths are the sender's: sections are sorted, never indexed by their number.
struct ParameterDecoding {
    private struct Section {
        let number: Int
        let isEncoded: Bool
        let value: [UInt8]
    }

    private var order: [String] = []
    private var plain: [String: [UInt8]] = [:]
    private var sections: [String: [Section]] = [:]
    private let fallbackCharset: String?

    static func decode(_ raw: [(name: String, value: [UInt8])], fallbackCharset: String?) -> [ParameterList.Entry] {
        var decoding = ParameterDecoding(fallbackCharset: fallbackCharset)
        for (name, value) in raw { decoding.add(name.lowercased(), value) }
        return decoding.order.map { ParameterList.Entry(name: $0, value: decoding.value(of: $0)) }
    }

    private init(fallbackCharset: String?) { self.fallbackCharset = fallbackCharset }

    private mutating func add(_ name: String, _ value: [UInt8]) {
        guard name.utf8.contains(UInt8(ascii: "*")) else { return add(plain: name, value) }
        // By octets, as the star was found: a mark that joins it would hide it among characters.
        let pieces = name.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Substring.init)
        let base = String(pieces[0])
        guard !base.isEmpty else { return }
        if plain[base] == nil, sections[base] == nil { order.append(base) }
        let isEncoded = pieces[pieces.count - 1].isEmpty
        let number = pieces[1].isEmpty ? 0 : Int(pieces[1]) ?? Int.max
        sections[base, default: []].append(Section(number: number, isEncoded: isEncoded, value: value))
    }

    private mutating func add(plain name: String, _ value: [UInt8]) {
        guard !name.isEmpty, plain[name] == nil else { return }
        if sections[name] == nil { order.append(name) }
        plain[name] = value
    }

    /// The RFC 2231 form wins over a plain one: writers that give both mean the plain one for old readers.
    private func value(of name: String) -> String {
        guard let sections = sections[name]?.sorted(by: { $0.number < $1.number }) else {
            let octets = plain[name] ?? []
            return HeaderText.decode(octets.span, fallbackCharset: fallbackCharset)
        }
        var charset: String?
        var octets: [UInt8] = []
        var isEncodedWord = true
        for (index, section) in sections.enumerated() {
            guard section.isEncoded else {
                octets.append(contentsOf: section.value)
                continue
            }
            isEncodedWord = false
            var value = section.value[...]
            if index == 0 {
                let quotes = value.indices.filter { value[$0] == 0x27 }
                if quotes.count >= 2 {
                    charset = String(decoding: value[..<quotes[0]], as: UTF8.self)
                    value = value[(quotes[1] + 1)...]
                }
            }
            octets.append(contentsOf: ParameterDecoding.percentDecoded(value))
        }
        if isEncodedWord { return HeaderText.decode(octets.span, fallbackCharset: fallbackCharset) }
        let text = DecodedText(octets.span, charset: charset ?? fallbackCharset).text
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == 0x25, index + 2 < bytes.endIndex, let high = hexValue(bytes[index + 1]),
                let low = hexValue(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
