import IMAP

extension MailClientError {
    /// How long the server asks to be left alone, where it says so.
    package var suggestedPause: Duration? {
        guard case .unavailable(_, let text) = self else { return nil }
        return ResponseText(text: text).backOff
    }
}
