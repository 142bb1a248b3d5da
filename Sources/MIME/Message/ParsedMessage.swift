import Wire

/// A message understood: a flat list of its parts with their place in the raw octets.
///
/// Nothing of the content is decoded or copied before it is asked for.
package struct ParsedMessage: Sendable {
    package let raw: [UInt8]
    /// Depth first; the root is `parts[0]` and always there.
    package let parts: [MessagePart]
    /// The whole tree.
    package let root: PartNode
    /// What was wrong with structure, addresses and date; what is wrong with a content is told when it is decoded.
    package let problems: Set<MIMEProblem>

    package init(parsing raw: [UInt8], limits: MIMELimits = .standard) {
        self.raw = raw
        let parser = MessageParser(raw.span, limits: limits)
        let charset = ParsedMessage.fallbackCharset(parser.parts)
        var problems = parser.problems
        var nodes = parser.parts.map { part in
            PartNode(part, Headers(fields: part.fields, fallbackCharset: charset), raw: raw, limits: limits)
        }
        var parts: [MessagePart] = []
        parts.reserveCapacity(nodes.count)
        for (part, node) in zip(parser.parts, nodes) {
            let headers = Headers(fields: part.fields, fallbackCharset: charset)
            if node.encoding == .unknown { problems.insert(.unknownTransferEncoding) }
            parts.append(
                MessagePart(
                    parent: part.parent, headers: headers, headerRange: part.headerRange, bodyRange: part.bodyRange,
                    node: node, children: part.children))
        }
        for index in nodes.indices.reversed() {
            nodes[index].children = parts[index].children.map { nodes[$0] }
            for child in parts[index].children { nodes[child].children = [] }
        }
        self.parts = parts
        root = nodes[0]
        self.problems = problems.union(parts[0].headers.problems)
    }

    package var headers: Headers { parts[0].headers }

    /// Text, HTML and attachments by RFC 8621.
    package var selection: BodySelection { BodySelection(root) }

    /// The index of the part that IMAP names so.
    package func index(number: String) -> Int? { parts.firstIndex { $0.node.number == number } }

    /// The octets of a part as they stand in the message.
    package func encodedContent(of index: Int) -> [UInt8] { Array(raw[parts[index].bodyRange]) }

    /// The decoded octets of a part.
    package func content(of index: Int) -> [UInt8] {
        var decoder = TransferDecoder(parts[index].node.encoding)
        var output: [UInt8] = []
        decoder.decode(raw.span.extracting(parts[index].bodyRange), into: &output)
        output.append(contentsOf: decoder.finish())
        return output
    }

    /// The decoded text of a part.
    package func text(of index: Int) -> PartText {
        PartText(decoding: encodedContent(of: index), of: parts[index].node)
    }

    /// What raw octets in headers are read as: the first charset that a text of the message names.
    private static func fallbackCharset(_ parts: [MessageParser.Part]) -> String? {
        for part in parts where part.contentType.type == "text" {
            guard let label = part.contentType.charset else { continue }
            switch Charset(label: label) {
            case .utf8, .detect, .unknown: continue
            case .windows1252, .iso2022JP, .iconv: return label
            }
        }
        return nil
    }
}

/// One part of a parsed message.
package struct MessagePart: Sendable {
    package let parent: Int?
    package let headers: Headers
    /// Of the header section, with the empty line.
    package let headerRange: Range<Int>
    /// Of the encoded content.
    package let bodyRange: Range<Int>
    /// Without children; `ParsedMessage.root` has the whole tree.
    package let node: PartNode
    package let children: [Int]
}

extension PartNode {
    fileprivate init(_ part: MessageParser.Part, _ headers: Headers, raw: [UInt8], limits: MIMELimits) {
        let type = part.contentType
        let isLabelled = headers.contentType?.mediaType == type.mediaType
        let encoding = type.isMultipart ? .sevenBit : headers.transferEncoding
        self.init(
            number: part.number, type: type.type, subtype: type.subtype,
            parameters: isLabelled ? headers.contentType?.parameters ?? type.parameters : type.parameters,
            disposition: headers.contentDisposition, contentID: headers.contentID,
            description: headers.text("Content-Description"), encoding: encoding, size: part.bodyRange.count)
        guard type.type == "message", type.subtype == "rfc822" || type.subtype == "global" else { return }
        let end = min(part.bodyRange.upperBound, part.bodyRange.lowerBound + limits.nestedHeaderBytes)
        var decoder = TransferDecoder(encoding)
        let head = decoder.decode(Array(raw[part.bodyRange.lowerBound..<end]))
        nestedSubject = Headers(parsing: head, limits: limits).subject
    }
}

extension Headers {
    /// Reads a header section, as `BODY[HEADER]` or POP3's TOP give it; what follows the empty line is not looked at.
    package init(parsing bytes: [UInt8], limits: MIMELimits = .standard) {
        self.init(fields: HeaderSectionParser(bytes.span, from: 0, limits: limits).fields)
        fallbackCharset = contentType?.charset
    }

    /// What is wrong with the fields that every client shows.
    package var problems: Set<MIMEProblem> {
        var problems: Set<MIMEProblem> = []
        if first("Date") != nil, date == nil { problems.insert(.malformedDate) }
        for name in ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"] {
            for field in all(name)
            where AddressParser(field.rawValue.span, fallbackCharset: fallbackCharset).isMalformed {
                problems.insert(.malformedAddress)
            }
        }
        return problems
    }
}
