package import Model

/// The Sent mailbox of an account, as whoever reaches it tells of it.
package protocol SentMail: Sendable {
    /// Looks for messages with this Message-ID.
    func look(for messageID: String, of account: AccountID, deadline: ContinuousClock.Instant) async throws -> SentLook
    /// Puts a message there, seen and with these keywords; its id, where the server tells.
    func append(
        _ content: SentContent, messageID: String, keywords: [String], of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> EmailID?
    /// Sets keywords on what the server put there itself.
    func mark(
        _ id: EmailID, _ keywords: [String], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws
    /// Of several messages with this Message-ID leaves the oldest, which is ours.
    func removeLater(than messageID: String, of account: AccountID, deadline: ContinuousClock.Instant) async throws
}

/// What a look at Sent found.
package struct SentLook: Sendable, Equatable {
    /// Whether the account has such a mailbox at all.
    package var hasMailbox: Bool
    package var found: EmailID?
    package var count: Int
    /// Whether the server is of a kind that puts what it is given there by itself (Gmail).
    package var filesItself: Bool

    package init(hasMailbox: Bool = true, found: EmailID? = nil, count: Int = 0, filesItself: Bool = false) {
        self.hasMailbox = hasMailbox
        self.found = found
        self.count = count
        self.filesItself = filesItself
    }
}

/// A message that is not held: read piece by piece, from the beginning each time `open` is called.
package struct SentContent: Sendable {
    package typealias Pieces = @Sendable () async throws -> [UInt8]?

    package var size: Int
    package var hasEightBitHeader: Bool
    package var open: @Sendable () async throws -> Pieces

    package init(size: Int, hasEightBitHeader: Bool, open: @escaping @Sendable () async throws -> Pieces) {
        self.size = size
        self.hasEightBitHeader = hasEightBitHeader
        self.open = open
    }
}
