import Wire

/// Signs a message that passes by, piece by piece: the fields that it makes are to stand before the message.
package struct DKIMSigner {
    private let keys: [DKIMKey]
    private var splitter = HeaderSplitter()
    private var body = BodyHasher(.relaxed)

    /// Of several keys each signs, as a domain does that offers Ed25519 beside RSA (RFC 8463, 3).
    package init(_ keys: [DKIMKey]) { self.keys = keys }

    package mutating func append(_ octets: [UInt8]) {
        if let octets = splitter.append(octets) { body.update(octets) }
    }

    /// The fields with their line ends, once the message is at its end; `now` is in seconds since 1970.
    package mutating func finish(now: Int64) throws -> [UInt8] {
        splitter.finish()
        let header = HeaderBlock(splitter.header)
        let names = Self.names(header)
        let bodyHash = Base64.encode(body.finish().hash)
        var fields: [UInt8] = []
        for key in keys {
            let value =
                " v=1; a=\(key.algorithm.rawValue); c=relaxed/relaxed; d=\(key.domain);\r\n"
                + " s=\(key.selector); t=\(now);\r\n" + Self.folded(names) + "\r\n bh=\(bodyHash);\r\n b="
            let unsigned = Array("DKIM-Signature:\(value)".utf8)
            let field = HeaderBlock.Field(
                name: "dkim-signature", octets: unsigned, valueStart: "DKIM-Signature:".utf8.count)
            let digest = SignedHeader.digest(header.signed(names), field, .relaxed)
            fields += unsigned + Self.folded(Base64.encode(try key.sign(digest))) + [0x0D, 0x0A]
        }
        return fields
    }

    /// What is covered where it is there.
    private static let covered = [
        "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "content-type", "content-transfer-encoding", "content-id", "content-description",
        "content-disposition", "auto-submitted", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post",
        "list-subscribe", "list-post", "list-owner", "list-archive", "resent-from", "resent-to", "resent-cc",
        "resent-date",
        "resent-message-id",
    ]
    /// Of these one more is covered than there is, so that nobody can add another (RFC 6376, 8.15).
    ///
    /// Sender is none of them: list servers and submission servers add it by right.
    private static let closed: Set<String> = [
        "from", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
        "content-type", "content-transfer-encoding",
    ]

    private static func names(_ header: HeaderBlock) -> [String] {
        covered.flatMap { name in
            let count = header.fields.count { $0.name == name }
            // Those of lists where the message has them: to one that has none a list server gives them by right.
            let isClosed = closed.contains(name) || count > 0 && name.hasPrefix("list-")
            return [String](repeating: name, count: min(count, 50) + (isClosed ? 1 : 0))
        }
    }

    private static func folded(_ names: [String]) -> String {
        var lines: [String] = []
        var line = " h="
        for (index, name) in names.enumerated() {
            let piece = index + 1 == names.count ? name + ";" : name + ":"
            if line.utf8.count + piece.utf8.count > 76 {
                lines.append(line)
                line = "  "
            }
            line += piece
        }
        return (lines + [line]).joined(separator: "\r\n")
    }

    private static func folded(_ signature: String) -> [UInt8] {
        let octets = Array(signature.utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: octets.count, by: 72) {
            if start > 0 { result += [0x0D, 0x0A, 0x20, 0x20] }
            result += octets[start..<min(start + 72, octets.count)]
        }
        return result
    }
}
