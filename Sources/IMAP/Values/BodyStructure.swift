/// BODYSTRUCTURE of RFC 9051, 7.5.2: the tree of a message's parts, as the server parsed it.
package indirect enum BodyStructure: Sendable, Equatable {
    case single(BodyPart)
    case multipart(BodyMultipart)
}

/// A `name=value` of a media type or a disposition; the value may still be RFC 2231 or RFC 2047 encoded.
package struct BodyParameter: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// Content-Disposition with its parameters.
package struct BodyDisposition: Sendable, Equatable {
    package var kind: String
    package var parameters: [BodyParameter]

    package init(kind: String, parameters: [BodyParameter] = []) {
        self.kind = kind
        self.parameters = parameters
    }
}

/// What body-ext-1part and body-ext-mpart have in common.
package struct BodyExtension: Sendable, Equatable {
    package var disposition: BodyDisposition?
    package var languages: [String] = []
    package var location: String?

    package init() {}
}

/// A leaf of the tree, or an embedded message.
package struct BodyPart: Sendable, Equatable {
    package var type = ""
    package var subtype = ""
    package var parameters: [BodyParameter] = []
    package var id: String?
    package var description: String?
    package var encoding = ""
    /// Octets as transferred, encoded; nil where the server does not know.
    package var size: UInt64?
    package var lines: UInt64?
    package var md5: String?
    package var `extension` = BodyExtension()
    /// For message/rfc822 and message/global.
    package var message: EmbeddedMessage?

    package init() {}
}

/// The message within a message/rfc822 part.
package struct EmbeddedMessage: Sendable, Equatable {
    package var envelope: Envelope
    package var body: BodyStructure

    package init(envelope: Envelope, body: BodyStructure) {
        self.envelope = envelope
        self.body = body
    }
}

/// A node of the tree.
package struct BodyMultipart: Sendable, Equatable {
    package var parts: [BodyStructure] = []
    package var subtype = ""
    package var parameters: [BodyParameter] = []
    package var `extension` = BodyExtension()

    package init() {}
}

extension BodyStructure {
    /// Leaves and embedded messages with their part numbers (RFC 9051, 6.4.5), in the order of the message.
    ///
    /// A part of an embedded message is numbered below it: `2.1` is the first part of the message that is part 2.
    package var numberedParts: [(section: [Int], part: BodyPart)] {
        var result: [(section: [Int], part: BodyPart)] = []
        collect(below: [], into: &result)
        return result
    }

    private func collect(below path: [Int], into result: inout [(section: [Int], part: BodyPart)]) {
        switch self {
        case .single(let part):
            let section = path + [1]
            result.append((section, part))
            part.message?.body.collect(below: section, into: &result)
        case .multipart(let multipart):
            for (index, child) in multipart.parts.enumerated() {
                let section = path + [index + 1]
                switch child {
                case .single(let part):
                    result.append((section, part))
                    part.message?.body.collect(below: section, into: &result)
                case .multipart: child.collect(below: section, into: &result)
                }
            }
        }
    }
}
