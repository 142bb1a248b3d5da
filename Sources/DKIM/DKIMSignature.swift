import Wire

/// What a `DKIM-Signature` field says (RFC 6376, 3.5).
struct DKIMSignature {
    /// As written.
    var algorithm = ""
    var domain = ""
    var selector = ""
    var identity = ""
    var signature: [UInt8] = []
    var bodyHash: [UInt8] = []
    var headerCanonicalization = Canonicalization.simple
    var bodyCanonicalization = Canonicalization.simple
    var signedFields: [String] = []
    var bodyLength: Int?
    var signedAt: Int64?
    var expiresAt: Int64?

    /// Where its key is (RFC 6376, 3.6.2.1).
    var recordName: String { "\(selector)._domainkey.\(domain)" }

    /// Why it is none that can be verified.
    struct Fault: Error {
        let result: DKIMResult
        let reason: String

        static func syntax(_ reason: String) -> Fault { Fault(result: .neutral, reason: reason) }
    }

    init(_ field: HeaderBlock.Field, _ known: inout DKIMVerdict) throws(Fault) {
        guard let tags = TagList(field.octets[field.valueStart...]) else { throw .syntax("is no list of tags") }
        let domain = tags["d"].map { $0.lowercased() }
        known.domain = domain
        known.selector = tags["s"]
        known.algorithm = tags["a"]?.lowercased()
        guard tags["v"] == "1" else { throw .syntax("is not of version 1") }
        guard let algorithm = known.algorithm, let domain, let selector = tags["s"], let names = tags.words("h"),
            let signature = tags["b"].flatMap({ Base64.decode($0) }),
            let bodyHash = tags["bh"].flatMap({ Base64.decode($0) })
        else { throw .syntax("lacks a tag, or one is not as it should be") }
        guard Self.isName(domain), Self.isName(selector) else { throw .syntax("names no domain and selector") }
        self.algorithm = algorithm
        self.domain = domain
        self.selector = selector
        self.signature = signature
        self.bodyHash = bodyHash
        guard recordName.utf8.count <= DKIMLimits.name else { throw .syntax("names no domain and selector") }
        signedFields = names
        known.signedFields = Array(names.prefix(DKIMLimits.signedFields))
        guard names.count <= DKIMLimits.signedFields else { throw .syntax("covers too many fields") }
        guard names.contains("from") else { throw Fault(result: .permerror, reason: "does not cover From") }
        try readCanonicalization(tags["c"])
        identity = tags["i"] ?? "@" + domain
        known.identity = tags["i"]
        let part = identity.split(separator: "@", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
        guard identity.contains("@"), part == domain || part.hasSuffix("." + domain) else {
            throw Fault(result: .permerror, reason: "speaks for an identity outside its domain")
        }
        if let methods = tags.words("q"), !methods.contains("dns/txt") {
            throw Fault(result: .permerror, reason: "has its key elsewhere than in DNS")
        }
        bodyLength = try Self.number(tags["l"], "l").map { Int(clamping: $0) }
        signedAt = try Self.number(tags["t"], "t")
        expiresAt = try Self.number(tags["x"], "x")
        known.signedAt = signedAt
        known.expiresAt = expiresAt
        if let signedAt, let expiresAt, expiresAt < signedAt { throw .syntax("ended before it was made") }
    }

    private mutating func readCanonicalization(_ text: String?) throws(Fault) {
        guard let text else { return }
        let words = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= 2, let header = Canonicalization(rawValue: words[0]),
            let body = words.count == 2 ? Canonicalization(rawValue: words[1]) : .simple
        else { throw .syntax("has a canonicalization that nobody knows") }
        headerCanonicalization = header
        bodyCanonicalization = body
    }

    private static func number(_ text: String?, _ tag: String) throws(Fault) -> Int64? {
        guard let text else { return nil }
        guard (1...76).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .syntax("has a tag \(tag) that is no number")
        }
        return Int64(text) ?? .max
    }

    /// Labels of a domain; a selector is such too (RFC 6376, 3.1).
    static func isName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= DKIMLimits.name
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy {
                        ByteSet.letters.contains($0) || ByteSet.digits.contains($0) || $0 == 0x2D || $0 == 0x5F
                    }
            }
    }

    /// The field without what `b=` says: that is how it signs itself.
    static func unsigned(_ field: HeaderBlock.Field) -> HeaderBlock.Field {
        var octets = Array(field.octets[..<field.valueStart])
        let pieces = field.octets[field.valueStart...].split(
            separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            if index > 0 { octets.append(UInt8(ascii: ";")) }
            if let equals = piece.firstIndex(of: UInt8(ascii: "=")),
                TagList.trimmed(piece[..<equals]).elementsEqual([UInt8(ascii: "b")])
            {
                octets += piece[...equals]
            } else {
                octets += piece
            }
        }
        return HeaderBlock.Field(name: field.name, octets: octets, valueStart: field.valueStart)
    }
}
