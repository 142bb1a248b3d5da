import MIME
import Store
import Synchronization

/// Gathers octets up to a limit; pieces come one after the other, wherever each is delivered.
final class OctetCollector: Sendable {
    private let gathered = Mutex<[UInt8]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var octets: [UInt8] { gathered.withLock { $0 } }

    func append(_ octets: [UInt8]) throws(OutboxError) {
        let isTooLarge = gathered.withLock { gathered in
            if gathered.count + octets.count > limit { return true }
            gathered += octets
            return false
        }
        if isTooLarge { throw .tooLarge(limit: limit) }
    }
}

/// A base64 encoder that the pieces of a stream pass one after the other.
final class SharedEncoder: Sendable {
    private let encoder = Mutex(Base64LineEncoder())

    func encode(_ octets: [UInt8]) -> [UInt8] { encoder.withLock { $0.encode(octets) } }

    func finish() -> [UInt8] { encoder.withLock { $0.finish() } }
}

/// An upload into the store that the pieces of a message pass one after the other.
final class ContentSink: Sendable {
    private let upload: Mutex<ContentUpload?>
    private let limit: Int

    init(_ upload: ContentUpload, limit: Int) {
        self.upload = Mutex(upload)
        self.limit = limit
    }

    func append(_ octets: [UInt8]) async throws {
        guard var taken = take() else { throw CancellationError() }
        guard taken.size + octets.count <= limit else {
            upload.withLock { $0 = taken }
            throw OutboxError.tooLarge(limit: limit)
        }
        do {
            try await taken.append(octets)
        } catch {
            upload.withLock { $0 = taken }
            throw error
        }
        upload.withLock { $0 = taken }
    }

    /// Puts octets before all others.
    func prepend(_ octets: [UInt8]) async throws {
        guard var taken = take() else { throw CancellationError() }
        do {
            try await taken.prepend(octets)
        } catch {
            upload.withLock { $0 = taken }
            throw error
        }
        upload.withLock { $0 = taken }
    }

    /// What was gathered; the sink has it no more.
    func take() -> ContentUpload? {
        upload.withLock { upload in
            defer { upload = nil }
            return upload
        }
    }
}
