/// What FETCH can be asked for (RFC 9051, 6.4.5).
package enum FetchItem: Sendable, Hashable {
    case uid
    case flags
    case internalDate
    case size
    case envelope
    case bodyStructure
    /// BODY.PEEK[…], or BODY[…] which sets `\Seen`; `partial` is offset and count.
    case body(Section, partial: Range<UInt64>? = nil, setsSeen: Bool = false)
    /// BINARY.PEEK[…] of RFC 3516: decoded by the server.
    case binary(part: [Int], partial: Range<UInt64>? = nil)
    /// BINARY.SIZE[…] of RFC 3516: how many octets `binary` brings.
    case binarySize(part: [Int])
    case modificationSequence
    case emailID
    case threadID
    case gmailMessageID
    case gmailThreadID
    case gmailLabels
    case preview
    case saveDate

    /// What a list of messages shows.
    package static let summary: [FetchItem] = [.uid, .flags, .internalDate, .size, .envelope, .bodyStructure]

    /// Whether the server knows the item; asking for an unknown one makes the command BAD.
    package func isKnown(_ capabilities: CapabilitySet) -> Bool {
        switch self {
        case .uid, .flags, .internalDate, .size, .envelope, .bodyStructure, .body: true
        case .binary, .binarySize: capabilities.contains(.binary)
        case .modificationSequence: capabilities.contains(.condStore) || capabilities.contains(.qresync)
        case .emailID, .threadID: capabilities.contains(.objectID)
        case .gmailMessageID, .gmailThreadID, .gmailLabels: capabilities.contains(.gmail)
        case .preview: capabilities.contains(.preview)
        case .saveDate: capabilities.contains(.saveDate)
        }
    }

    func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        switch self {
        case .uid: encoder.raw("UID")
        case .flags: encoder.raw("FLAGS")
        case .internalDate: encoder.raw("INTERNALDATE")
        case .size: encoder.raw("RFC822.SIZE")
        case .envelope: encoder.raw("ENVELOPE")
        case .bodyStructure: encoder.raw("BODYSTRUCTURE")
        case .modificationSequence: encoder.raw("MODSEQ")
        case .emailID: encoder.raw("EMAILID")
        case .threadID: encoder.raw("THREADID")
        case .gmailMessageID: encoder.raw("X-GM-MSGID")
        case .gmailThreadID: encoder.raw("X-GM-THRID")
        case .gmailLabels: encoder.raw("X-GM-LABELS")
        case .preview: encoder.raw("PREVIEW")
        case .saveDate: encoder.raw("SAVEDATE")
        case .body(let section, let partial, let setsSeen):
            if setsSeen { encoder.raw("BODY[") } else { encoder.raw("BODY.PEEK[") }
            try section.encode(into: &encoder)
            encoder.raw("]")
            Self.encode(partial, into: &encoder)
        case .binary(let part, let partial):
            encoder.raw("BINARY.PEEK[")
            try Section(part: part).encode(into: &encoder)
            encoder.raw("]")
            Self.encode(partial, into: &encoder)
        case .binarySize(let part):
            encoder.raw("BINARY.SIZE[")
            try Section(part: part).encode(into: &encoder)
            encoder.raw("]")
        }
    }

    // partial = "<" number "." nz-number ">"
    private static func encode(_ partial: Range<UInt64>?, into encoder: inout CommandEncoder) {
        guard let partial else { return }
        encoder.raw("<")
        encoder.number(partial.lowerBound)
        encoder.raw(".")
        encoder.number(max(partial.upperBound - partial.lowerBound, 1))
        encoder.raw(">")
    }
}

extension Section {
    func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        for (index, number) in part.enumerated() {
            if index > 0 { encoder.raw(".") }
            encoder.number(number)
        }
        if !part.isEmpty, kind != .content { encoder.raw(".") }
        switch kind {
        case .content: break
        case .header: encoder.raw("HEADER")
        case .text: encoder.raw("TEXT")
        case .mime: encoder.raw("MIME")
        case .headerFields(let names):
            encoder.raw("HEADER.FIELDS ")
            try encoder.fieldNames(names)
        case .headerFieldsExcept(let names):
            encoder.raw("HEADER.FIELDS.NOT ")
            try encoder.fieldNames(names)
        }
    }
}

extension CommandEncoder {
    fileprivate mutating func fieldNames(_ names: [String]) throws(IMAPError) {
        raw("(")
        for (index, name) in names.enumerated() {
            if index > 0 { space() }
            try atom(name)
        }
        raw(")")
    }
}
