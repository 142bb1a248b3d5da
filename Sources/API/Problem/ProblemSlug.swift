package import HTTP

/// Every kind of problem that the API answers; the last component of a problem's `type`.
///
/// The list is closed: a test compares it with the contract, and each has a page under `/problems/`.
package enum ProblemSlug: String, Sendable, CaseIterable {
    case malformedRequest = "malformed-request"
    case malformedJSON = "malformed-json"
    case unauthenticated = "unauthenticated"
    case invalidToken = "invalid-token"
    case insufficientScope = "insufficient-scope"
    case accountForbidden = "account-forbidden"
    case invalidLink = "invalid-link"
    case notFound = "not-found"
    case accountNotFound = "account-not-found"
    case mailboxNotFound = "mailbox-not-found"
    case messageNotFound = "message-not-found"
    case attachmentNotFound = "attachment-not-found"
    case submissionNotFound = "submission-not-found"
    case tokenNotFound = "token-not-found"
    case webhookNotFound = "webhook-not-found"
    case deliveryNotFound = "delivery-not-found"
    case templateNotFound = "template-not-found"
    case methodNotAllowed = "method-not-allowed"
    case requestTimeout = "request-timeout"
    case accountExists = "account-exists"
    case accountDisabled = "account-disabled"
    case protocolNotConfigured = "protocol-not-configured"
    case mailboxExists = "mailbox-exists"
    case mailboxNotEmpty = "mailbox-not-empty"
    case mailboxProtected = "mailbox-protected"
    case notADraft = "not-a-draft"
    case idempotencyInProgress = "idempotency-in-progress"
    case eventsExpired = "events-expired"
    case streamTooSlow = "stream-too-slow"
    case preconditionFailed = "precondition-failed"
    case contentTooLarge = "content-too-large"
    case uriTooLong = "uri-too-long"
    case unsupportedMediaType = "unsupported-media-type"
    case rangeNotSatisfiable = "range-not-satisfiable"
    case expectationFailed = "expectation-failed"
    case invalidRequest = "invalid-request"
    case verificationFailed = "verification-failed"
    case staleCursor = "stale-cursor"
    case mailboxNotSelectable = "mailbox-not-selectable"
    case submissionNotWaiting = "submission-not-waiting"
    case idempotencyKeyReused = "idempotency-key-reused"
    case headerFieldsTooLarge = "header-fields-too-large"
    case internalError = "internal-error"
    case notImplemented = "not-implemented"
    case upstreamError = "upstream-error"
    case upstreamAuthenticationFailed = "upstream-authentication-failed"
    case upstreamCertificateInvalid = "upstream-certificate-invalid"
    case upstreamInsecure = "upstream-insecure"
    case upstreamUnsupported = "upstream-unsupported"
    case accountUnavailable = "account-unavailable"
    case accountSyncing = "account-syncing"
    case serviceUnavailable = "service-unavailable"
    case upstreamTimeout = "upstream-timeout"
    case overQuota = "over-quota"
    case upstreamPermissionDenied = "upstream-permission-denied"
    case upstreamLimit = "upstream-limit"
    case upstreamBroken = "upstream-broken"
    case versionNotSupported = "version-not-supported"

    package var status: HTTPStatus {
        switch self {
        case .malformedRequest, .malformedJSON: .badRequest
        case .unauthenticated, .invalidToken: .unauthorized
        case .insufficientScope, .accountForbidden, .invalidLink, .upstreamPermissionDenied: .forbidden
        case .notFound, .accountNotFound, .mailboxNotFound, .messageNotFound, .attachmentNotFound,
            .submissionNotFound, .tokenNotFound, .webhookNotFound, .deliveryNotFound,
            .templateNotFound:
            .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .accountExists, .accountDisabled, .protocolNotConfigured, .mailboxExists, .mailboxNotEmpty,
            .mailboxProtected, .notADraft, .idempotencyInProgress, .submissionNotWaiting:
            .conflict
        case .eventsExpired: .gone
        case .streamTooSlow: .requestTimeout
        case .preconditionFailed: .preconditionFailed
        case .contentTooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .unsupportedMediaType: .unsupportedMediaType
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .expectationFailed: .expectationFailed
        case .invalidRequest, .verificationFailed, .staleCursor, .mailboxNotSelectable, .idempotencyKeyReused,
            .overQuota, .upstreamLimit:
            .unprocessableContent
        case .headerFieldsTooLarge: .fieldsTooLarge
        case .internalError: .internalServerError
        case .notImplemented: .notImplemented
        case .upstreamError, .upstreamAuthenticationFailed, .upstreamCertificateInvalid, .upstreamInsecure,
            .upstreamUnsupported, .upstreamBroken:
            .badGateway
        case .accountUnavailable, .accountSyncing, .serviceUnavailable: .serviceUnavailable
        case .upstreamTimeout: .gatewayTimeout
        case .versionNotSupported: .versionNotSupported
        }
    }

    /// Seconds for `Retry-After`, where trying again makes sense.
    package var retryAfter: Int? {
        switch self {
        case .accountUnavailable: 30
        case .serviceUnavailable, .accountSyncing, .idempotencyInProgress: 5
        default: nil
        }
    }

    /// `problem.type`: relative, so that it leads to the page of this very server.
    package var path: String { "/problems/" + rawValue }
}
