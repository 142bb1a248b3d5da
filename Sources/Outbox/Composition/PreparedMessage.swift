import MIME
package import Model

/// A message that is ready to be stored and sent.
package struct PreparedMessage: Sendable {
    /// Writes the message, piece by piece; faults that show only then name the caller's own member.
    package var write: @Sendable (_ sink: @escaping ContentSource.Sink) async throws -> Void
    /// Without angle brackets.
    package var messageID: String
    package var mailFrom: String
    /// Whom the message names as its author, first of all.
    package var author: String
    /// Each address once, in the order To, Cc, Bcc.
    package var recipients: [String]
    /// Of a draft that was an answer when it was kept: what its success is to do.
    package var mark: OriginalMark?

    /// The whole message, for what is small or must be held.
    package func bytes() async throws -> [UInt8] {
        let collector = OctetCollector(limit: Limits.messageOctets)
        try await write { try collector.append($0) }
        return collector.octets
    }
}

extension ComposedMessage {
    /// Gives the message to `sink`, and each attachment that is not in memory through a base64 encoder.
    ///
    /// `source` finds the source of a key, and says which error of it is the caller's.
    func write(
        _ source: (_ key: String) -> ComposedSource?, to sink: @escaping ContentSource.Sink
    ) async throws {
        for piece in pieces(maximum: Limits.piece) {
            switch piece {
            case .bytes(let octets): try await sink(octets)
            case .source(let key, _):
                guard let found = source(key) else { continue }
                let encoder = SharedEncoder()
                do {
                    try await found.source.stream { octets in
                        let lines = encoder.encode(octets)
                        if !lines.isEmpty { try await sink(lines) }
                    }
                } catch let error as StoredMailError {
                    throw OutboxError.invalid([FieldFault(pointer: found.pointer, detail: error.detail)])
                }
                let rest = encoder.finish()
                if !rest.isEmpty { try await sink(rest) }
            }
        }
    }
}

/// An attachment that is streamed, and where the caller asked for it.
struct ComposedSource: Sendable {
    var source: ContentSource
    var pointer: String
}

extension StoredMailError {
    var detail: String {
        switch self {
        case .messageNotFound: "names no message of this account"
        case .attachmentNotFound: "names no attachment of that message"
        }
    }
}
