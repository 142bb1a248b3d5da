/// Why an authorization server gave no tokens.
package enum OAuthFault: Error, Sendable, Equatable {
    /// It said no, by the words of RFC 6749 section 5.2, RFC 8628 section 3.5 and their kin.
    case refused(code: String, text: String?)
    /// It could not be asked, or had no answer: says nothing about the account.
    case unavailable(String)
    /// There is no provider of this name in the settings, or it lacks what the flow needs.
    case notConfigured(String)
    /// What it answered is not what the standard says.
    case malformed(String)

    /// Whether only a person can help: the grant is gone.
    package var needsConsent: Bool {
        guard case .refused(let code, _) = self else { return false }
        return ["invalid_grant", "interaction_required", "consent_required", "access_denied", "unauthorized_client"]
            .contains(code)
    }
}

extension OAuthFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let code, let text): text.map { "\(code): \($0)" } ?? code
        case .unavailable(let text): "the authorization server is not available: \(text)"
        case .notConfigured(let text): text
        case .malformed(let text): "the authorization server answered \(text)"
        }
    }
}
