import Wire

/// A Content-Type field, RFC 2045, section 5.
package struct ContentType: Sendable, Hashable {
    /// Lower case.
    package var type: String
    /// Lower case.
    package var subtype: String
    package var parameters: ParameterList

    package init(type: String, subtype: String, parameters: ParameterList = ParameterList()) {
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// `type/subtype`.
    package var mediaType: String { "\(type)/\(subtype)" }
    package var charset: String? { parameters["charset"] }
    package var isMultipart: Bool { type == "multipart" }

    /// What a part without a usable field is (RFC 2045, section 5.2).
    package static let textPlain = ContentType(type: "text", subtype: "plain")
}

/// A Content-Disposition field, RFC 2183.
package struct ContentDisposition: Sendable, Hashable {
    /// Lower case: `inline`, `attachment`, or what else was written.
    package var kind: String
    package var parameters: ParameterList

    package init(kind: String, parameters: ParameterList = ParameterList()) {
        self.kind = kind.lowercased()
        self.parameters = parameters
    }

    /// As labelled; not safe for a file system, see `PartNode.fileName`.
    package var fileName: String? { parameters["filename"] }
}

extension ContentType {
    /// Nil where no type can be read; `text` alone is `text/plain` (RFC 1049 and old Suns).
    package init?(parsing value: [UInt8], fallbackCharset: String? = nil) {
        let parser = ParameterParser(value.span)
        let pieces = parser.value.split(separator: "/", maxSplits: 1).map(String.init)
        let parameters = ParameterList(decoding: parser.parameters, fallbackCharset: fallbackCharset)
        guard let type = pieces.first, ContentType.isToken(type) else { return nil }
        if pieces.count == 2, ContentType.isToken(pieces[1]) {
            self.init(type: type, subtype: pieces[1], parameters: parameters)
        } else if type == "text" || type == "multipart" {
            self.init(type: type, subtype: type == "text" ? "plain" : "mixed", parameters: parameters)
        } else {
            return nil
        }
    }

    /// `token` of RFC 2045, section 5.1.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { ContentType.tokenText.contains($0) }
    }

    static let tokenText = ByteSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A, and: "!#$%&'*+-.^_`{|}~")
}

extension ContentDisposition {
    package init?(parsing value: [UInt8], fallbackCharset: String? = nil) {
        let parser = ParameterParser(value.span)
        let parameters = ParameterList(decoding: parser.parameters, fallbackCharset: fallbackCharset)
        guard !parser.value.isEmpty || !parameters.entries.isEmpty else { return nil }
        self.init(kind: ContentType.isToken(parser.value) ? parser.value : "attachment", parameters: parameters)
    }
}
