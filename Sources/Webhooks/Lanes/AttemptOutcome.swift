package import Model

/// What an attempt came to, before anybody decides what that means.
package enum AttemptOutcome: Sendable, Equatable {
    /// The endpoint answered; `retryAfter` is the value of that field.
    case answered(status: Int, retryAfter: String?)
    case unanswered(WebhookFault)
    /// We were told to stop: whether the endpoint took it nobody knows, and the next start tries it again.
    case interrupted
    /// This machine, not the endpoint, is the reason that nothing was sent.
    case postponed
    /// What the delivery is about is not in the log any more.
    case eventGone
}
