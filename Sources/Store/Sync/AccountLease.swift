package import Model

/// The right to synchronise one account.
///
/// Every write under it is fenced: once another node has the account, a paused one that wakes up can write nothing.
package struct AccountLease: Sendable, Hashable {
    package let account: AccountID
    /// The account's short number in the rows of the index.
    package let number: Int64
    package let node: String
    /// Grows with each lease.
    package let epoch: Int64

    package init(account: AccountID, number: Int64, node: String, epoch: Int64) {
        self.account = account
        self.number = number
        self.node = node
        self.epoch = epoch
    }
}
