import IMAP
import Model
import SASL
import Wire

extension MailClientError {
    /// What a failed command means to somebody who used the account.
    init(_ error: IMAPError) {
        switch error {
        case .no(let text) where text.meansLater, .bad(let text) where text.meansLater,
            .bye(let text) where text.meansLater:
            self = .unavailable(.imap, text: text.text)
        case .no(let text): self = .rejected(.imap, code: text.code?.name, text: text.text)
        case .bad(let text): self = .rejected(.imap, code: text.code?.name ?? "BAD", text: text.text)
        case .bye(let text): self = .disconnected(.imap, text: text.text)
        case .closed: self = .disconnected(.imap, text: nil)
        case .limit(let limit): self = .limitExceeded(.imap, limit: limit.rawValue)
        case .syntax(let fault): self = .protocolViolation(.imap, detail: fault.description)
        case .protocolViolation(let detail): self = .protocolViolation(.imap, detail: detail)
        case .authenticationDialogue:
            self = .protocolViolation(.imap, detail: "the server does not follow the authentication mechanism")
        case .unsafeText: self = .unsupported(.imap, feature: "control characters in names and texts")
        case .unsupported(let capability): self = .unsupported(.imap, feature: capability.name)
        case .wrongState: self = .unsupported(.imap, feature: "this command in the session's present state")
        }
    }

    /// What a failed LOGIN or AUTHENTICATE means: a refusal without a code is taken for a wrong password.
    init(login error: IMAPError) {
        switch error {
        case .no(let text) where text.code == .limit: self = .unavailable(.imap, text: text.text)
        case .no(let text) where text.isNotAboutTheCredentials:
            self = .rejected(.imap, code: text.code?.name, text: text.text)
        case .no(let text) where !text.meansLater: self = .authenticationFailed(.imap, text: text.text)
        default: self.init(error)
        }
    }

    init(imapLogin fault: SASLError) {
        self.init(fault, .imap)
    }
}

extension ResponseText {
    /// A login failed for another reason than who asked (RFC 5530): then the password is not to be called wrong.
    var isNotAboutTheCredentials: Bool {
        switch code {
        case .privacyRequired, .serverBug, .corruption, .contactAdmin, .cannot, .clientBug: true
        default: false
        }
    }

    /// The server would do it at another time: it is overloaded, or counts our connections.
    var meansLater: Bool {
        switch code {
        case .unavailable, .inUse: return true
        case .limit: return !limitsWhatIsKept
        case .authenticationFailed, .authorizationFailed, .expired: return false
        default: break
        }
        // Gmail: "[ALERT] Too many simultaneous connections"; Dovecot: "Maximum number of connections from user+IP
        // exceeded"; Yahoo: "[LIMIT] UID FETCH Rate limit hit", where others mean a number of mailboxes or keywords by LIMIT;
        // Microsoft: "BAD Request is throttled", and "BAD User is authenticated but not connected" to the first command after a
        // login, until it has fewer connections or the mailbox is back.
        let text = text.lowercased()
        return text.contains("too many") || text.contains("number of connections") || text.contains("throttled")
            || text.contains("rate limit") || text.contains("authenticated but not connected")
    }

    /// LIMIT is a rate at Yahoo and others, and in RFC 5530's own example a number of things that time does not lower.
    private var limitsWhatIsKept: Bool {
        let text = text.lowercased()
        return ["mailbox", "folder", "keyword", "flag"].contains { text.contains($0) }
    }
}
