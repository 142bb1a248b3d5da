/// Where in a session we are, as a reader of errors and a chooser of time-outs want to know it.
package enum SMTPPhase: String, Sendable, Hashable, CaseIterable {
    case greeting
    case hello
    case startTLS
    case authentication
    /// Connected, authenticated, no message under way.
    case idle
    case reset
    /// MAIL was sent.
    case mail
    /// The last RCPT was sent.
    case recipients
    /// DATA was sent, 354 did not come yet.
    case data
    /// The message's octets are going out.
    case content
    /// The final dot was sent, or began to be: from here silence proves nothing (RFC 1047).
    case acceptance
    case quit

    /// Seconds to wait for the server in this phase (RFC 5321 section 4.5.3.2); for `content`, for one write.
    package var patience: Int {
        switch self {
        case .greeting, .hello, .startTLS, .authentication, .idle, .reset, .mail, .recipients: 300
        case .data: 120
        case .content: 180
        case .acceptance: 600
        case .quit: 10
        }
    }
}
