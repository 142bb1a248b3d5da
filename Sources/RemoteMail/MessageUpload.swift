import Synchronization

/// A message to be stored that is somewhere else: it is read as often as needed, and never held.
package struct MessageUpload: Sendable {
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
}

/// What must be known of a message before it is sent: found in one pass.
struct UploadSurvey: Sendable {
    /// The beginning, which holds the header.
    private(set) var head: [UInt8] = []
    /// Line feeds without a carriage return before them.
    private(set) var bareLineFeeds = 0
    private(set) var firstNUL: Int?
    private(set) var hasEightBitHeader = false
    private var position = 0
    private var last: UInt8 = 0
    private var isInHeader = true
    private var lineIsEmpty = true

    init(_ upload: MessageUpload) async throws {
        while position < upload.size {
            let octets = try await upload.read(position, Limits.uploadChunk)
            guard !octets.isEmpty else { break }
            if head.count < Limits.uploadHead { head += octets.prefix(Limits.uploadHead - head.count) }
            add(octets)
        }
    }

    private mutating func add(_ octets: [UInt8]) {
        for octet in octets {
            switch octet {
            case 0: if firstNUL == nil { firstNUL = position }
            case 0x0A:
                if last != 0x0D { bareLineFeeds += 1 }
                if lineIsEmpty { isInHeader = false }
                lineIsEmpty = true
            case 0x0D: break
            default:
                lineIsEmpty = false
                if octet >= 0x80, isInHeader { hasEightBitHeader = true }
            }
            last = octet
            position += 1
        }
    }
}

/// An upload as IMAP wants it, piece by piece: each line feed with a carriage return before it.
final class RepairedUpload: Sendable {
    private let upload: MessageUpload
    private let state = Mutex((position: 0, last: UInt8(0)))

    init(_ upload: MessageUpload) { self.upload = upload }

    func next() async throws -> [UInt8]? {
        let octets = try await upload.read(state.withLock { $0.position }, Limits.uploadChunk)
        guard !octets.isEmpty else { return nil }
        return state.withLock { state in
            state.position += octets.count
            var repaired: [UInt8] = []
            repaired.reserveCapacity(octets.count + octets.count / 32)
            for octet in octets {
                if octet == 0x0A, state.last != 0x0D { repaired.append(0x0D) }
                repaired.append(octet)
                state.last = octet
            }
            return repaired
        }
    }
}
