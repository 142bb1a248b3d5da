package import Model

/// The octets of an attachment that come from somewhere else, piece by piece, and are never held as a whole.
package struct ContentSource: Sendable {
    package typealias Sink = @Sendable ([UInt8]) async throws -> Void

    /// What it is called where it comes from.
    package var name: String?
    /// Media type, with parameters.
    package var type: String?
    /// Gives all of it to the sink; throws `StoredMailError` where it is not there any more.
    package var stream: @Sendable (_ sink: @escaping Sink) async throws -> Void

    package init(
        name: String?, type: String?, stream: @escaping @Sendable (_ sink: @escaping Sink) async throws -> Void
    ) {
        self.name = name
        self.type = type
        self.stream = stream
    }
}

/// Octets that lie in a file or in memory, to be read as often as needed.
package struct ContentFile: Sendable {
    package var size: Int
    /// At most `count` octets from `offset`; none at the end.
    package var read: @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]

    package init(size: Int, read: @escaping @Sendable (_ offset: Int, _ count: Int) async throws -> [UInt8]) {
        self.size = size
        self.read = read
    }

    package init(_ octets: [UInt8]) {
        self.init(size: octets.count) { offset, count in
            Array(octets[min(offset, octets.count)..<min(offset + count, octets.count)])
        }
    }

    /// A stretch of it.
    package func part(_ range: Range<Int>) -> ContentFile {
        ContentFile(size: range.count) { offset, count in
            let start = min(range.lowerBound + offset, range.upperBound)
            return try await read(start, min(count, range.upperBound - start))
        }
    }

    /// Gives what lies behind `start` to `sink`, piece by piece.
    package func stream(from start: Int = 0, _ sink: ([UInt8]) async throws -> Void) async throws {
        var position = start
        while position < size {
            let octets = try await read(position, Limits.piece)
            guard !octets.isEmpty else { return }
            try await sink(octets)
            position += octets.count
        }
    }
}

/// Messages that lie on the account's mail server: what composing an answer needs of them.
///
/// The composition root makes one of the engine for remote mail; accounts without one have none.
package protocol StoredMail: Sendable {
    /// With both bodies, the html made safe and its `cid:` images left as they are, and the fields `List-Post` and
    /// `Mail-Followup-To`.
    func original(_ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant) async throws -> Message
    func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> ContentSource
}

/// What of a message that lies on a server is not there.
package enum StoredMailError: Error, Sendable, Equatable {
    case messageNotFound
    case attachmentNotFound
}
