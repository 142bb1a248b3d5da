package import Model

/// Why a mailbox was not connected.
package enum AuthorizationError: Error, Sendable, Equatable {
    case invalid([FieldFault])
    case notFound
    /// The link, the provider's answer or the result is unknown, used or too old, or of another browser.
    case over
    /// There is no `publicURL` in the settings, so no provider could lead back.
    case noPublicURL
    /// The provider said no, or something went wrong after it said yes.
    case failed(String)
}
