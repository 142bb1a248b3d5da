package import Model

/// Why a webhook verb did not happen.
package enum WebhookError: Error, Sendable, Equatable {
    case notFound(WebhookID)
    case deliveryNotFound(String)
    /// The caller's `If-Match` names another revision than the stored one.
    case revisionMismatch(current: Int64)
    case invalid([FieldFault])
    case staleCursor
}
