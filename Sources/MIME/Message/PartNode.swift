/// A part of a message's MIME tree, without its content: made from a parsed message or from an IMAP BODYSTRUCTURE.
///
/// The selection of RFC 8621, section 4.1.4 runs on it, so a message can be shown without downloading its attachments.
package struct PartNode: Sendable, Equatable {
    /// As IMAP names it (RFC 9051, section 6.4.5.1): `1.2`; `1` for a message that is no multipart; empty for a multipart root.
    package var number: String
    /// Lower case.
    package var type: String
    /// Lower case.
    package var subtype: String
    /// Of the Content-Type; decoded.
    package var parameters: ParameterList
    package var disposition: ContentDisposition?
    /// Without angle brackets.
    package var contentID: String?
    package var description: String?
    package var encoding: TransferEncoding
    /// Encoded octets, as they stand in the message.
    package var size: Int
    /// The subject of a `message/rfc822` part's message: its file name is made of it.
    package var nestedSubject: String?
    /// Of a multipart only: a nested message is one attachment, never a branch.
    package var children: [PartNode]

    package init(
        number: String, type: String, subtype: String, parameters: ParameterList = ParameterList(),
        disposition: ContentDisposition? = nil, contentID: String? = nil, description: String? = nil,
        encoding: TransferEncoding = .sevenBit, size: Int = 0, nestedSubject: String? = nil, children: [PartNode] = []
    ) {
        self.number = number
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
        self.disposition = disposition
        self.contentID = contentID
        self.description = description
        self.encoding = encoding
        self.size = size
        self.nestedSubject = nestedSubject
        self.children = children
    }

    /// `type/subtype`.
    package var mediaType: String { "\(type)/\(subtype)" }
    package var isMultipart: Bool { type == "multipart" }
    /// As labelled, for text.
    package var charset: String? { parameters["charset"] }

    /// Octets after decoding; an estimate where only the encoded size is known.
    package var estimatedDecodedSize: Int {
        switch encoding {
        case .base64: size / 78 * 57 + size % 78 * 3 / 4
        case .uuencode: size / 63 * 45
        case .sevenBit, .eightBit, .binary, .quotedPrintable, .unknown: size
        }
    }

    /// The part of that number, in this tree.
    package func part(number wanted: String) -> PartNode? {
        if number == wanted { return self }
        for child in children where wanted == child.number || wanted.hasPrefix(child.number + ".") {
            return child.part(number: wanted)
        }
        return nil
    }

    /// The name that the part gives itself: of the disposition, else of the type; as labelled, not yet safe.
    package var labelledFileName: String? { disposition?.fileName ?? parameters["name"] }
}
