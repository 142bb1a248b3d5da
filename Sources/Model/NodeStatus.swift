/// One of the processes that work on a store, as the others see it.
package struct NodeStatus: Sendable, Equatable {
    /// New at each start: a process that comes back is another node.
    package var id: String
    package var host: String
    package var version: String
    package var startedAt: Timestamp
    package var seenAt: Timestamp
    /// From then on it counts as dead.
    package var aliveUntil: Timestamp
    /// Whether it takes its share of the accounts, and how many it has.
    package var isSyncing: Bool
    package var accounts: Int
    /// Whether it is the one that answers.
    package var isSelf = false

    package init(
        id: String, host: String, version: String, startedAt: Timestamp, seenAt: Timestamp, aliveUntil: Timestamp,
        isSyncing: Bool, accounts: Int
    ) {
        self.id = id
        self.host = host
        self.version = version
        self.startedAt = startedAt
        self.seenAt = seenAt
        self.aliveUntil = aliveUntil
        self.isSyncing = isSyncing
        self.accounts = accounts
    }
}
