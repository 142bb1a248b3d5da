/// Every parser that reads a stranger's octets, as one function of octets: for seeded mutations and for libFuzzer.
///
/// A parser may refuse its input in any way that it has. It must not trap, must not take or make more than its limits allow, and
/// must say the same however its input is cut into pieces.
package enum ParserProbe: String, CaseIterable, Sendable {
    case imapResponses
    case imapSession
    case pop3Session
    case smtpReplies
    case httpRequests
    case httpResponses
    case httpFieldValues
    case httpForms
    case mimeMessages
    case mimeHeaders
    case mimeBodies
    case mailReports
    case json
    case html

    /// Throws where one of those promises is broken.
    package func check(_ bytes: [UInt8]) throws(BrokenPromise) {
        switch self {
        case .imapResponses: try IMAPProbes.responses(bytes)
        case .imapSession: try IMAPProbes.session(bytes)
        case .pop3Session: try POP3Probes.session(bytes)
        case .smtpReplies: try SMTPProbes.replies(bytes)
        case .httpRequests: try HTTPProbes.requests(bytes)
        case .httpResponses: try HTTPProbes.responses(bytes)
        case .httpFieldValues: try HTTPProbes.fieldValues(bytes)
        case .httpForms: try HTTPProbes.forms(bytes)
        case .mimeMessages: try MIMEProbes.message(bytes)
        case .mimeHeaders: try MIMEProbes.headers(bytes)
        case .mimeBodies: try MIMEProbes.bodies(bytes)
        case .mailReports: try MIMEProbes.reports(bytes)
        case .json: try JSONProbes.document(bytes)
        case .html: try HTMLProbes.fragment(bytes)
        }
    }
}

/// What a parser did that it must not.
package struct BrokenPromise: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The two pieces that a probe cuts its input into, at a place that depends on the octets alone.
func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    guard bytes.count > 1 else { return [bytes[...]] }
    let sum = bytes.reduce(UInt64(bytes.count)) { $0 &* 31 &+ UInt64($1) }
    let cut = 1 + Int(sum % UInt64(bytes.count - 1))
    return [bytes[..<cut], bytes[cut...]]
}

func expect(_ condition: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
    guard condition else { throw BrokenPromise(promise()) }
}
