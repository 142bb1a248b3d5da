import Wire

/// What a message may link to and show, by the address it gives.
enum LinkAddress {
    /// An `href` that stays: absolute http, https, mailto or tel, or a place in the message itself.
    ///
    /// Relative addresses go: they would lead into the site that shows the message.
    static func link(_ text: String) -> String? {
        let address = trimmed(text)
        guard !address.isEmpty, address.count <= Limits.address else { return nil }
        if address.first == UInt8(ascii: "#") {
            return address.count > 1 ? "#" + Anchor.name(decode(address.dropFirst())) : nil
        }
        if address.starts(with: "//".utf8) { return web("https:".utf8 + address) }
        switch scheme(of: address) {
        case "http", "https": return web(address)
        case "mailto", "tel": return decode(address[...])
        default: return nil
        }
    }

    /// What an image shows.
    enum Image: Equatable {
        /// A part of the message, by its Content-ID.
        case part(String)
        /// Inside the address itself.
        case data(String)
        /// Somewhere else: never loaded.
        case remote
        case nothing
    }

    static func image(_ text: String) -> Image {
        let address = trimmed(text)
        switch scheme(of: address) {
        case "cid":
            let id = percentDecoded(address.dropFirst(4))
            let isPlain = id.count <= 998 && id.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"<>\"".utf8.contains($0) }
            return isPlain && !id.isEmpty ? .part(decode(id[...])) : .nothing
        case "data": return data(address)
        default: return address.isEmpty ? .nothing : .remote
        }
    }

    /// `cid:` with all escaped that an address cannot hold; what `image` reads.
    static func ofPart(_ id: String) -> String {
        var result = "cid:"
        for byte in id.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    /// Browsers ignore blanks and controls around an address, and tabs and line breaks anywhere in it.
    private static func trimmed(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        bytes.removeAll { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || $0 == 0 }
        let start = bytes.firstIndex { $0 > 0x20 } ?? bytes.endIndex
        let end = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? start
        return bytes[start..<end].filter { $0 >= 0x20 && $0 != 0x7F }
    }

    private static func scheme(of address: [UInt8]) -> String? {
        guard let colon = address.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon <= 16 else { return nil }
        let name = address[..<colon]
        guard name.allSatisfy({ ByteSet.letters.contains($0) }) else { return nil }
        return decode(name).lowercased()
    }

    /// With two slashes and a host: `https:evil` is relative to a page that is itself https.
    private static func web(_ address: [UInt8]) -> String? {
        guard let colon = address.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let rest = address[(colon + 1)...]
        guard rest.starts(with: "//".utf8), let first = rest.dropFirst(2).first,
            !"/\\?#:@ ".utf8.contains(first),
            !rest.prefix(while: { !"/?#".utf8.contains($0) || $0 == 0x2F })
                .contains(UInt8(ascii: "\\"))
        else { return nil }
        return decode(address[..<colon]).lowercased() + ":" + decode(rest)
    }

    private static func data(_ address: [UInt8]) -> Image {
        guard address.count <= Limits.dataImage, let comma = address.firstIndex(of: UInt8(ascii: ",")) else {
            return .nothing
        }
        let type = decode(address[5..<comma]).lowercased()
        let types = [
            "image/png;base64", "image/jpeg;base64", "image/jpg;base64", "image/gif;base64", "image/webp;base64",
        ]
        let content = address[(comma + 1)...].filter { $0 != 0x20 }
        let isBase64 = content.allSatisfy {
            ByteSet.letters.contains($0) || ByteSet.digits.contains($0) || "+/=".utf8.contains($0)
        }
        guard types.contains(type), isBase64 else { return .nothing }
        return .data("data:\(type),\(decode(content[...]))")
    }

    private static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
                let value = UInt8(decode(bytes[(index + 1)...(index + 2)]), radix: 16)
            {
                result.append(value)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Names of places in a message, kept apart from those of the page that shows it.
///
/// Without the prefix `<a id="body">` would stand in for the page's own `document.body` (DOM clobbering).
enum Anchor {
    private static let prefix = "mail-"

    static func name(_ name: String) -> String { name.hasPrefix(prefix) ? name : prefix + name }
}
