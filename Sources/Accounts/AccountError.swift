package import MailClient
package import Model

/// Why an account or token verb did not happen.
package enum AccountError: Error, Sendable {
    case notFound(AccountID)
    case alreadyExists(AccountID)
    /// The caller's `If-Match` names another revision than the stored one.
    case revisionMismatch(current: Int64)
    /// The settings are stored nowhere: one reason for each protocol that refused.
    case verificationFailed([MailProtocol: MailClientError])
    case invalid([FieldFault])
    case disabled(AccountID)
    case tokenNotFound(TokenID)
    /// A signed token cannot be checked: its issuer's keys are not to be had.
    case identityProviderUnavailable
}
