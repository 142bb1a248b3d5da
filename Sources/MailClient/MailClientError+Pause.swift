import IMAP
import Model

extension MailClientError {
    /// How long the server asks to be left alone, where it says so.
    package var suggestedPause: Duration? {
        if case .rejected(.pop3, Self.loginDelay, let text) = self {
            // Our own words, see `Maildrop`; a server's have no number that can be trusted.
            let words = text.split(separator: " ")
            return words.last == "s" ? words.dropLast().last.flatMap { Int($0) }.map { .seconds($0) } : nil
        }
        guard case .unavailable(_, let text) = self else { return nil }
        return ResponseText(text: text).backOff
    }
}
