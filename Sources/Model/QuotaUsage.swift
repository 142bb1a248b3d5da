/// How much of something an account uses, and may use (RFC 9208).
package struct QuotaUsage: Sendable, Equatable {
    /// What is counted, in words of RFC 9425.
    package enum Unit: String, Sendable {
        case octets
        case count
    }

    /// The server's name of the quota root; often empty.
    package var root: String
    /// The server's name of the resource, lower case: `storage`, `message`, `mailbox`, `annotation-storage`, or another.
    package var resource: String
    package var unit: Unit
    package var used: UInt64
    package var limit: UInt64

    package init(root: String, resource: String, unit: Unit, used: UInt64, limit: UInt64) {
        self.root = root
        self.resource = resource
        self.unit = unit
        self.used = used
        self.limit = limit
    }
}
