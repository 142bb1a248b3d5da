/// Somebody is asked to connect a mailbox: by the hosted page, or with a code on another device.
package struct Authorization: Sendable, Equatable {
    /// How far it is.
    package enum Status: String, Sendable, CaseIterable {
        case pending
        case completed
        case failed
    }

    package var id: String
    package var status: Status
    /// The address that is expected, where it is known.
    package var email: String?
    package var provider: String?
    /// The account to make, or to give new credentials; of a completed one, the account that was made.
    package var account: AccountID?
    package var name: String?
    /// Where the page leads in the end.
    package var returnURL: String?
    /// Why it failed, for people.
    package var fault: String?
    package var device: DeviceCode?
    package var createdAt: Timestamp
    package var expiresAt: Timestamp

    package init(
        id: String, status: Status = .pending, email: String?, provider: String?, account: AccountID?, name: String?,
        returnURL: String?, fault: String? = nil, device: DeviceCode? = nil, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.status = status
        self.email = email
        self.provider = provider
        self.account = account
        self.name = name
        self.returnURL = returnURL
        self.fault = fault
        self.device = device
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What a person types in on another device (RFC 8628).
package struct DeviceCode: Sendable, Equatable {
    package var userCode: String
    package var verificationURL: String
    package var completeURL: String?

    package init(userCode: String, verificationURL: String, completeURL: String?) {
        self.userCode = userCode
        self.verificationURL = verificationURL
        self.completeURL = completeURL
    }
}

/// What a caller gives to have a mailbox connected.
package struct AuthorizationDraft: Sendable, Equatable {
    package var email: String?
    package var provider: String?
    package var account: AccountID?
    package var name: String?
    package var returnURL: String?
    package var usesDevice: Bool

    package init(
        email: String? = nil, provider: String? = nil, account: AccountID? = nil, name: String? = nil,
        returnURL: String? = nil, usesDevice: Bool = false
    ) {
        self.email = email
        self.provider = provider
        self.account = account
        self.name = name
        self.returnURL = returnURL
        self.usesDevice = usesDevice
    }
}
