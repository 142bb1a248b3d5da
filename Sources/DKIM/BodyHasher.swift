import Crypto
import Wire

/// Hashes a body as it comes, piece by piece; nothing of it is held.
struct BodyHasher {
    private let canonicalization: Canonicalization
    /// Octets of the canonical body that are hashed; all where nil.
    private let limit: Int?
    private var hash = SHA256()
    private var output: [UInt8] = []
    /// Octets of the canonical body so far.
    private(set) var count = 0
    private var isAfterReturn = false
    private var hasPendingSpace = false
    /// Line ends that count only when something follows.
    private var pendingLines = 0

    init(_ canonicalization: Canonicalization, limit: Int? = nil) {
        self.canonicalization = canonicalization
        self.limit = limit
    }

    mutating func update(_ octets: some Sequence<UInt8>) {
        for octet in octets {
            if octet == 0x0A {
                isAfterReturn = false
                hasPendingSpace = false
                pendingLines += 1
                continue
            }
            if isAfterReturn {
                isAfterReturn = false
                put(0x0D)
            }
            switch octet {
            case 0x0D: isAfterReturn = true
            case 0x20 where canonicalization == .relaxed, 0x09 where canonicalization == .relaxed:
                hasPendingSpace = true
            default: put(octet)
            }
        }
        flush()
    }

    /// The hash, and how many octets of the canonical body it does not cover.
    mutating func finish() -> (hash: [UInt8], uncovered: Int) {
        if isAfterReturn { put(0x0D) }
        // An open line is closed; of a body without anything only `simple` has a line (RFC 6376, 3.4.3 and 3.4.4).
        if count > 0 || canonicalization == .simple { emit([0x0D, 0x0A]) }
        flush()
        return (Array(hash.finalize()), limit.map { max(0, count - $0) } ?? 0)
    }

    private mutating func put(_ octet: UInt8) {
        while pendingLines > 0 {
            pendingLines -= 1
            emit([0x0D, 0x0A])
        }
        if hasPendingSpace {
            hasPendingSpace = false
            emit([0x20])
        }
        emit(CollectionOfOne(octet))
    }

    private mutating func emit(_ octets: some Collection<UInt8>) {
        let room = limit.map { max(0, $0 - count) } ?? octets.count
        output.append(contentsOf: octets.prefix(room))
        count += octets.count
        if output.count >= 16384 { flush() }
    }

    private mutating func flush() {
        hash.update(data: output)
        output.removeAll(keepingCapacity: true)
    }
}
