import Wire

/// What mailing lists say of themselves.
extension Headers {
    /// The phrase and the id of `List-Id` (RFC 2919); the id without angle brackets.
    package var listID: (name: String?, id: String)? {
        guard let text = text("List-Id")?.prefix(998) else { return nil }
        guard let open = text.lastIndex(of: "<"), let close = text[open...].firstIndex(of: ">") else {
            // Some leave the brackets away.
            let words = text.split(whereSeparator: \.isWhitespace)
            return words.count == 1 ? (nil, String(words[0])) : nil
        }
        let id = text[text.index(after: open)..<close].filter { !$0.isWhitespace }
        guard !id.isEmpty else { return nil }
        var name = text[..<open].drop { $0.isWhitespace || $0 == "\"" }
        while let last = name.last, last.isWhitespace || last == "\"" { name.removeLast() }
        return (name.isEmpty ? nil : String(name), id)
    }

    /// The addresses of a field like `List-Unsubscribe` (RFC 2369, 2), in the order in which the list prefers them: those that a
    /// program may follow, which are `https:`, `http:` and `mailto:`.
    package func listAddresses(_ name: String) -> [String] {
        guard let field = first(name) else { return [] }
        var cursor = ByteCursor(field.rawValue.span)
        var found: [String] = []
        while found.count < 20 {
            _ = cursor.skipCFWS()
            if cursor.take(UInt8(ascii: "<")) {
                // White space within is none of it (RFC 2369, 2).
                let octets = cursor.array(cursor.takeRange(until: ByteSet(and: ">"))).filter { $0 > 0x20 }
                guard cursor.take(UInt8(ascii: ">")) else { break }
                let address = String(decoding: octets, as: UTF8.self)
                let scheme = address.prefix { $0 != ":" }.lowercased()
                if ["https", "http", "mailto"].contains(scheme), octets.count <= 2048, octets.allSatisfy({ $0 < 0x7F })
                {
                    found.append(address)
                }
            } else if cursor.takeByte() == nil {
                break
            }
        }
        return found
    }

    /// Whether a POST to the `https:` address unsubscribes without further questions (RFC 8058, 3.1).
    package var unsubscribesByPost: Bool {
        text("List-Unsubscribe-Post")?.filter { !$0.isWhitespace }.lowercased() == "list-unsubscribe=one-click"
    }
}
