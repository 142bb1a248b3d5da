/// What a `Received` field says of the server that wrote it (RFC 5321, 4.4).
struct ReceivedTrace {
    /// By whom the message was taken; lower case.
    let host: String
    /// Whether the field says from whom; a hop within a provider's network may not.
    let saysFrom: Bool
    /// Handed on within one network: LMTP crosses no border (RFC 2033, 1).
    let isLocal: Bool

    /// Nil for what names no server, or more than one.
    ///
    /// Behind `from` stands what the client said, who may have said `by` there; where he said it in several words, nobody knows.
    /// Encoded words stay as they are: he could have written anything in them.
    init?(_ octets: [UInt8]) {
        // What is cut off may name another server.
        guard octets.count <= Limits.traceOctets else { return nil }
        let text = String(decoding: octets, as: UTF8.self)
        guard let words = Self.words(text.unicodeScalars) else { return nil }
        saysFrom = words.first == "from"
        var rest = words.dropFirst(saysFrom ? 2 : 0)
        guard let by = rest.firstIndex(of: "by"), by == rest.lastIndex(of: "by"), by + 1 < rest.endIndex else {
            return nil
        }
        host = rest[by + 1]
        rest = rest[(by + 2)...]
        guard let with = rest.firstIndex(of: "with"), with + 1 < rest.endIndex else {
            isLocal = false
            return
        }
        isLocal = rest[with + 1].hasPrefix("lmtp")
    }

    /// In lower case, without comments; nil where one has no end, for it may hide who took the message.
    private static func words(_ text: some Sequence<Unicode.Scalar>) -> [String]? {
        var words: [String] = []
        var word = ""
        var depth = 0
        var isEscaped = false
        for scalar in text {
            defer { isEscaped = depth > 0 && scalar == "\\" && !isEscaped }
            switch scalar {
            case "(": if !isEscaped { depth += 1 }
            case ")" where depth > 0: if !isEscaped { depth -= 1 }
            case _ where depth > 0: continue
            case ";",
                _ where scalar.properties.isWhitespace:
                break
            default:
                word.unicodeScalars.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(word.lowercased()) }
            word = ""
        }
        guard depth == 0 else { return nil }
        return word.isEmpty ? words : words + [word.lowercased()]
    }
}
