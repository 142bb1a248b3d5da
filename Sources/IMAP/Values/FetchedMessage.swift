package import Wire

/// What one FETCH response says of a message: what was asked, and what the server volunteered.
package struct FetchedMessage: Sendable, Equatable {
    package var sequence: UInt32
    package var uid: UInt32?
    package var flags: [Flag]?
    /// Milliseconds since 1970-01-01 UTC.
    package var internalDate: Int64?
    package var size: UInt64?
    package var envelope: Envelope?
    package var bodyStructure: BodyStructure?
    package var sections: [FetchedSection] = []
    package var modificationSequence: UInt64?
    /// What extensions add; nil where there is none of it.
    package var extras: FetchedExtras?
    /// Deviations that were lived with.
    package var quirks: Quirks = []
    /// Items that could not be understood; the rest of the message stands.
    package var problems: [FetchProblem] = []

    package init(sequence: UInt32) { self.sequence = sequence }

    /// The octets of that section, where the server sent them.
    package func bytes(of section: Section) -> [UInt8]? {
        sections.first { $0.section == section }?.bytes
    }
}

/// Values of FETCH items beyond the base protocol.
package struct FetchedExtras: Sendable, Equatable {
    /// OBJECTID, RFC 8474.
    package var emailID: String?
    package var threadID: String?
    /// X-GM-EXT-1.
    package var gmailMessageID: UInt64?
    package var gmailThreadID: UInt64?
    package var gmailLabels: [String]?
    /// RFC 8970.
    package var preview: String?
    /// RFC 8514, milliseconds since 1970-01-01 UTC; nil where the mailbox does not record it, too.
    package var saveDate: Int64?
    /// RFC 3516: octets of a part once its transfer encoding is undone.
    package var binarySizes: [BinarySize] = []
    /// Items with names we do not know, their values raw.
    package var unknown: [UnknownItem] = []

    package init() {}

    /// The answer to `BINARY.SIZE`.
    package struct BinarySize: Sendable, Equatable {
        package let part: [Int]
        package let size: UInt64
    }

    /// An item that we have no type for, as it came.
    package struct UnknownItem: Sendable, Equatable {
        package let name: String
        package let value: [UInt8]
    }
}

/// The octets of a BODY[…] or BINARY[…] item.
package struct FetchedSection: Sendable, Equatable {
    package var section: Section
    /// Where a partial fetch began.
    package var origin: UInt64?
    package var isBinary: Bool
    package var data: Data

    /// Where the octets are.
    package enum Data: Sendable, Equatable {
        case bytes([UInt8])
        /// Went to a consumer chunk by chunk.
        case streamed(Int)
        /// The server says NIL: there is no such part.
        case absent
    }

    package init(section: Section, origin: UInt64? = nil, isBinary: Bool = false, data: Data) {
        self.section = section
        self.origin = origin
        self.isBinary = isBinary
        self.data = data
    }

    package var bytes: [UInt8]? {
        guard case .bytes(let bytes) = data else { return nil }
        return bytes
    }
}

/// A FETCH item that did not follow the grammar, with what the server sent, or that it would not give.
package struct FetchProblem: Sendable, Equatable {
    /// The item's name as sent, or `FETCH` where the response as a whole is broken.
    package let item: String
    /// Nil where the server sent nothing that could be wrong.
    package let error: SyntaxError?
    package let raw: [UInt8]

    package init(item: String, error: SyntaxError? = nil, raw: [UInt8] = []) {
        self.item = item
        self.error = error
        self.raw = raw
    }
}

/// The beginning of a FETCH response whose next octets are a literal: what those octets will be.
package struct LiteralContext: Sendable, Equatable {
    package var sequence: UInt32?
    /// Known only where the server sent UID before the body, as all but a few do.
    package var uid: UInt32?
    package var section: Section?
    package var origin: UInt64?
    package var isBinary = false
    package var size: Int
}
