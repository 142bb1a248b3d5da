package import Model
package import Wire

/// An authorization with what only the flow itself may know.
package struct AuthorizationRecord: Sendable, Equatable {
    package var authorization: Authorization
    /// Of the browser that opened the page: what its cookie says, as SHA-256 in base64url.
    package var browser: String?
    /// PKCE (RFC 7636).
    package var verifier: Secret?
    package var deviceCode: Secret?
    /// Not before then the device's consent is asked about again.
    package var pollAt: Timestamp?
    package var pollInterval: Int

    package init(_ authorization: Authorization, deviceCode: Secret? = nil, pollInterval: Int = 5) {
        self.authorization = authorization
        self.deviceCode = deviceCode
        self.pollInterval = pollInterval
    }
}

/// How it is written before it is sealed.
struct AuthorizationDocument: Codable {
    var email: String?
    var provider: String?
    var account: String?
    var name: String?
    var returnURL: String?
    var fault: String?
    var userCode: String?
    var verificationURL: String?
    var completeURL: String?
    var browser: String?
    var verifier: String?
    var deviceCode: String?
    var pollAt: Int64?
    var pollInterval: Int

    init(_ record: AuthorizationRecord) {
        let authorization = record.authorization
        email = authorization.email
        provider = authorization.provider
        account = authorization.account?.rawValue
        name = authorization.name
        returnURL = authorization.returnURL
        fault = authorization.fault
        userCode = authorization.device?.userCode
        verificationURL = authorization.device?.verificationURL
        completeURL = authorization.device?.completeURL
        browser = record.browser
        verifier = record.verifier?.revealed
        deviceCode = record.deviceCode?.revealed
        pollAt = record.pollAt?.milliseconds
        pollInterval = record.pollInterval
    }

    func record(_ id: String, _ status: Authorization.Status, _ createdAt: Timestamp, _ expiresAt: Timestamp)
        -> AuthorizationRecord
    {
        var record = AuthorizationRecord(
            Authorization(
                id: id, status: status, email: email, provider: provider,
                account: account.map(AccountID.init(rawValue:)), name: name, returnURL: returnURL, fault: fault,
                createdAt: createdAt, expiresAt: expiresAt),
            deviceCode: deviceCode.map { Secret($0) }, pollInterval: pollInterval)
        if let userCode, let verificationURL {
            record.authorization.device = DeviceCode(
                userCode: userCode, verificationURL: verificationURL, completeURL: completeURL)
        }
        record.browser = browser
        record.verifier = verifier.map { Secret($0) }
        record.pollAt = pollAt.map(Timestamp.init(milliseconds:))
        return record
    }
}
