package import POP3
import Synchronization
import Transport

/// The session at a maildrop, lent for one piece of work, with the moment by which that must be done.
package struct POP3Lease: Sendable {
    /// What was listed in this session: while it lasts, nothing changes under it (RFC 1939, 4).
    final class Memory: Sendable {
        let listing = Mutex<[POP3Entry]?>(nil)
        /// By number.
        let fingerprints = Mutex<[Int: String]>([:])
        let headers = Mutex(HeaderRecord())
        private let marked = Mutex(false)

        /// Whether messages may be marked as deleted: then the session's end decides about them, and nobody else gets it.
        var hasMarked: Bool { marked.withLock { $0 } }

        func noteMarked() { marked.withLock { $0 = true } }
    }

    let connection: POP3Connection
    let deadline: Deadline
    let memory: Memory
    let unread: UnreadMessages
    /// Whether somebody else waits for the session.
    let isWanted: @Sendable () -> Bool

    package var capabilities: POP3Capabilities { get async { await connection.capabilities } }
    /// Somebody waits: long work pauses here.
    package var isWantedByOthers: Bool { isWanted() }

    /// All messages with sizes and unique ids, asked for once in a session.
    ///
    /// Entries have no id where the server has no UIDL, or gave one to two messages.
    package func listing() async throws -> [POP3Entry] {
        if let known = memory.listing.withLock({ $0 }) { return known }
        let capabilities = await connection.capabilities
        let commands: [POP3Command] = capabilities.mayHave("UIDL") ? [.list, .uniqueIDs] : [.list]
        let collector = Mutex((listing: POP3Listing(), refusal: POP3Reply?.none))
        try await connection.execute(commands, deadline: deadline) { index, action in
            switch action {
            case .reply(let reply): if !reply.isOK, index == 0 { collector.withLock { $0.refusal = reply } }
            case .content(let octets): try collector.withLock { try $0.listing.add(octets, of: commands[index]) }
            default: break
            }
        }
        let (listing, refusal) = collector.withLock { $0 }
        if let refusal { throw MailClientError(refusal: refusal) }
        let entries = listing.entries
        memory.listing.withLock { $0 = entries }
        unread.begin(entries)
        return entries
    }

    /// The headers of messages, by number; what is not there any more, or cannot be read, is left out.
    ///
    /// A server without TOP is asked for the whole message, of which only the header is kept.
    package func headers(of numbers: [Int]) async throws -> [Int: [UInt8]] {
        guard !numbers.isEmpty else { return [:] }
        let headers = try await given(numbers)
        try await note(numbers, read: Set(headers.keys))
        return headers
    }

    func given(_ numbers: [Int]) async throws -> [Int: [UInt8]] {
        let mayTop = await connection.capabilities.mayHave("TOP")
        let headers = try await read(numbers, mayTop ? { .top($0, lines: 0) } : { .retrieve($0) })
        let missing = numbers.filter { headers[$0] == nil }
        // Nobody knew whether it has TOP; that it gave none of them says that it has not. Of a few it may give the whole all the same.
        guard mayTop, !missing.isEmpty,
            await !connection.capabilities.isKnown || headers.isEmpty || missing.count <= Limits.headersByRetrieval
        else { return headers }
        return headers.merging(try await read(missing) { .retrieve($0) }, uniquingKeysWith: { first, _ in first })
    }

    private func read(_ numbers: [Int], _ command: (Int) -> POP3Command) async throws -> [Int: [UInt8]] {
        let state = Mutex((headers: [Int: [UInt8]](), current: HeaderCollector()))
        try await connection.execute(numbers.map(command), deadline: deadline) { index, action in
            state.withLock { state in
                switch action {
                case .reply: state.current = HeaderCollector()
                case .content(let octets): state.current.add(octets)
                case .endOfContent: state.headers[numbers[index]] = state.current.octets
                default: break
                }
            }
        }
        return state.withLock { $0.headers }
    }

    /// Streams one message as it is; false where the server does not give it.
    package func retrieve(
        _ number: Int, _ sink: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Bool {
        try await connection.execute(.retrieve(number), deadline: deadline, sink).isOK
    }

    /// Marks as deleted what the caller chooses by the headers of these messages, as far as they can be read, and gives the numbers
    /// that the server took.
    ///
    /// They are gone once the session's end is confirmed, which `AccountSessions.withPOP3` waits for.
    package func delete(_ wanted: [Int], choosing choose: ([Int: [UInt8]]) -> Set<Int>) async throws -> Set<Int> {
        let chosen = choose(try await headers(of: wanted))
        let numbers = wanted.filter { chosen.contains($0) }
        guard !numbers.isEmpty else { return [] }
        memory.noteMarked()
        let taken = Mutex<Set<Int>>([])
        try await connection.execute(numbers.map { .delete($0) }, deadline: deadline) { index, action in
            if case .reply(let reply) = action, reply.isOK { _ = taken.withLock { $0.insert(numbers[index]) } }
        }
        return taken.withLock { $0 }
    }
}

/// Keeps the header of a message that streams by, up to the empty line or a limit.
struct HeaderCollector {
    private(set) var octets: [UInt8] = []
    private var isEnded = false

    mutating func add(_ more: [UInt8]) {
        guard !isEnded else { return }
        let old = octets.count
        octets += more
        // The empty line may lie across the pieces.
        var index = max(0, old - 3)
        while index + 1 < octets.count {
            if octets[index] == 0x0A {
                let next = octets[index + 1]
                let isEmpty = next == 0x0A || next == 0x0D && index + 2 < octets.count && octets[index + 2] == 0x0A
                if isEmpty {
                    octets.removeSubrange((index + (next == 0x0A ? 2 : 3))...)
                    isEnded = true
                    return
                }
            }
            index += 1
        }
        if octets.count > Limits.maildropHeaderOctets {
            octets.removeSubrange(Limits.maildropHeaderOctets...)
            isEnded = true
        }
    }
}
