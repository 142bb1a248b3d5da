/// Every bound of this target.
package enum Limits {
    /// How long a row that this node has no key for is left to the others.
    static let keylessPause = Duration.seconds(5)
    /// Octets of a message in one sealed chunk, so that 50 MB never needs one value in memory or in a row.
    package static let contentChunk = 256 << 10
    /// Octets of a message that comes with its claim; larger ones are read chunk by chunk while they are sent.
    package static let contentWithClaim = 16 << 10
    /// Entries on one page of a list, whatever the caller asks for.
    package static let pageSize = 500
    /// Rows that one claim or one recovery takes.
    package static let rowsPerClaim = 500
    /// Values in one `IN (…)`, and rows in one INSERT: few lengths of statement, and far below what either database takes.
    static let keysInStatement = 200
    static let rowsInStatement = 200
    /// Places of the event log that one page looks at.
    static let eventsPerLook: Int64 = 10_000
    /// Old events that one transaction removes.
    static let eventsPerRemoval: Int64 = 2000
    /// How long events are kept where nothing else is set.
    package static let eventRetention = Duration.seconds(7 * 24 * 3600)
    /// How long the audit log is kept where nothing else is set.
    package static let auditRetention = Duration.seconds(365 * 24 * 3600)
    /// How long a stored answer is replayed.
    package static let idempotencyLifetime = Duration.seconds(24 * 3600)
    /// How long a request may run before another with the same key takes over, because its process must have died.
    package static let idempotencyTakeover = Duration.seconds(300)
    /// How long an upload may lie unfinished before its chunks are removed.
    package static let unownedBlobLifetime = Duration.seconds(3600)
    /// Values that are sealed anew in one transaction: at most 4 MB, and nobody waits long for one of them.
    static let valuesPerReseal = 16
    /// Rows of a table that one transaction of a copy takes, and octets.
    static let rowsInCopy = 16...2000
    static let octetsInCopy = 4 << 20
    /// Times a maildrop is numbered anew because somebody else numbered it meanwhile.
    static let enrolmentAttempts = 5
    /// Messages that one look at retention takes.
    package static let retentionBatch = 500
    /// Rows of a table from which on the database's own statistics of it are good enough.
    static let tellingRows = 10_000
}
