/// Who did what to which account.
package struct AuditEntry: Sendable, Equatable {
    package var id: String
    package var at: Timestamp
    /// `Principal.id`.
    package var principal: String
    /// The operation's name in the contract.
    package var operation: String
    package var account: AccountID?
    /// The answer's status.
    package var status: Int
    /// The client's address; nil where it is unknown.
    package var address: String?
    package var requestID: String?

    package init(
        id: String = IdentifierGenerator.make(prefix: "aud"), at: Timestamp = .now(), principal: String,
        operation: String, account: AccountID?, status: Int, address: String?, requestID: String?
    ) {
        self.id = id
        self.at = at
        self.principal = principal
        self.operation = operation
        self.account = account
        self.status = status
        self.address = address
        self.requestID = requestID
    }
}
