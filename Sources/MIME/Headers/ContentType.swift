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
