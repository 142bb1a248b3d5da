import Synchronization

extension POP3Lease {
    /// Hashes of the headers of messages, by number; of what cannot be read there is none.
    ///
    /// A header is read once in a session, and of a large maildrop only some are held at a time.
    package func fingerprints(of numbers: [Int], _ hash: ([UInt8]) -> String) async throws -> [Int: String] {
        let known = memory.fingerprints.withLock { $0 }
        let open = numbers.filter { known[$0] == nil }
        for start in stride(from: 0, to: open.count, by: Limits.hashedHeaders) {
            let chunk = Array(open[start..<min(start + Limits.hashedHeaders, open.count)])
            let found = try await headers(of: chunk).mapValues(hash)
            memory.fingerprints.withLock { $0.merge(found, uniquingKeysWith: { first, _ in first }) }
        }
        let wanted = Set(numbers)
        return memory.fingerprints.withLock { $0.filter { wanted.contains($0.key) } }
    }
}
