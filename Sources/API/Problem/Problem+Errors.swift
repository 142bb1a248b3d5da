import Accounts
import HTTP
import HTTPServer
import MailClient
import Model
import Outbox
import RemoteMail
import Webhooks

extension Problem {
    /// Any error of any layer as the problem that a caller sees; nil for one that nobody expected.
    package init?(expected error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as AccountError: self.init(error)
        case let error as RemoteMailError: self.init(error)
        case let error as OutboxError: self.init(error)
        case let error as WebhookError: self.init(error)
        case let error as TemplateError: self.init(error)
        case let error as EventLogError: self.init(error)
        case let error as MailClientError: self.init(error)
        case let refusal as HTTPRefusal: self.init(refusal)
        case is HTTPServerError: self.init(.malformedRequest, "The client went away.")
        case is CancellationError: self.init(.serviceUnavailable, "The request was interrupted.")
        default: return nil
        }
    }

    init(_ error: AccountError) {
        switch error {
        case .notFound(let id): self.init(.accountNotFound, "There is no account \(id).")
        case .alreadyExists(let id): self.init(.accountExists, "There is an account \(id) already.")
        case .revisionMismatch: self.init(.preconditionFailed, "The account changed in the meantime.")
        case .verificationFailed(let reasons): self.init(verification: reasons)
        case .invalid(let faults): self = .invalid(faults.map(RequestFault.init))
        case .disabled(let id): self.init(.accountDisabled, "The account \(id) is disabled.")
        case .tokenNotFound(let id): self.init(.tokenNotFound, "There is no token \(id).")
        }
    }

    /// One entry for each protocol that failed, in the order in which the protocols are declared.
    private init(verification reasons: [MailProtocol: MailClientError]) {
        let failed = MailProtocol.allCases.compactMap { name in reasons[name].map { (name, $0) } }
        self.init(
            .verificationFailed, failed.map { "\($0.rawValue): \($1)." }.joined(separator: " "),
            errors: failed.map { RequestFault(.pointer("/" + $0.rawValue), String(describing: $1), code: $1.code) },
            upstream: failed.count == 1 ? failed.first.flatMap { Upstream($0.1) } : nil)
    }

    init(_ error: RemoteMailError) {
        switch error {
        case .mailboxNotFound(let name): self.init(.mailboxNotFound, "There is no mailbox \(name).")
        case .roleNotFound(let role): self.init(.mailboxNotFound, "No mailbox has the role \(role.rawValue).")
        case .mailboxNotSelectable(let id): self.init(.mailboxNotSelectable, "The mailbox \(id) holds no messages.")
        case .mailboxExists(let path): self.init(.mailboxExists, "There is a mailbox \(path) already.")
        case .mailboxNotEmpty(let id):
            self.init(.mailboxNotEmpty, "The mailbox \(id) is not empty; force=true deletes it with all it holds.")
        case .mailboxProtected(let id):
            self.init(.mailboxProtected, "The mailbox \(id) is the inbox: it stays where it is.")
        case .accountSyncing(let id):
            self.init(
                .accountSyncing, "The account \(id) is being read for the first time, and this was not met yet.")
        case .messageNotFound(let id): self.init(.messageNotFound, "There is no message \(id).")
        case .notADraft(let id): self.init(.notADraft, "The message \(id) is no draft.")
        case .tooLarge(let limit):
            let bound = limit.map { " It takes \($0) octets at most." } ?? ""
            self.init(.contentTooLarge, "The mail server takes no message of this size.\(bound)")
        case .attachmentNotFound(let id): self.init(.attachmentNotFound, "The message has no attachment \(id).")
        case .threadNotFound(let id): self.init(.notFound, "There is no thread \(id).")
        case .tooManyToSort(let maximum):
            self.init(
                .upstreamUnsupported,
                "The server cannot sort, and only \(maximum) messages are sorted here: narrow the list.")
        case .staleCursor:
            self.init(
                .staleCursor, "The cursor continues nothing that is still there.",
                errors: [RequestFault(.parameter("cursor"), "is stale")])
        case .invalid(let faults): self = .invalid(faults.map(RequestFault.init))
        case .notInMaildrop(let what):
            self.init(
                .protocolNotConfigured, "\(what) in an account of POP3, which has one mailbox and no more; IMAP can.")
        case .noMailStore(let id): self.init(.protocolNotConfigured, "The account \(id) has no server that keeps mail.")
        }
    }

    init(_ error: OutboxError) {
        switch error {
        case .notFound(let id): self.init(.submissionNotFound, "There is no submission \(id).")
        case .notWaiting(let state):
            self.init(
                .submissionNotWaiting,
                state == .sending
                    ? "The submission is being sent."
                    : "The submission is \(state.rawValue): nothing more happens to it.")
        case .invalid(let faults): self = .invalid(faults.map(RequestFault.init))
        case .cannotSend(let id): self.init(.protocolNotConfigured, "The account \(id) has no smtp server.")
        case .tooLarge(let limit): self.init(.contentTooLarge, "The message is larger than \(limit) octets.")
        }
    }

    init(_ error: WebhookError) {
        switch error {
        case .notFound(let id): self.init(.webhookNotFound, "There is no webhook \(id).")
        case .deliveryNotFound(let id): self.init(.deliveryNotFound, "The webhook has no delivery \(id).")
        case .revisionMismatch: self.init(.preconditionFailed, "The webhook changed in the meantime.")
        case .invalid(let faults): self = .invalid(faults.map(RequestFault.init))
        case .staleCursor: self = .staleCursor
        }
    }

    init(_ error: TemplateError) {
        switch error {
        case .notFound(let id): self.init(.templateNotFound, "There is no template \(id).")
        case .invalid(let faults): self = .invalid(faults.map(RequestFault.init))
        case .revisionMismatch: self.init(.preconditionFailed, "The template changed in the meantime.")
        case .staleCursor: self = .staleCursor
        }
    }

    init(_ error: EventLogError) {
        let fault = RequestFault(.parameter("after"), "is not in the log")
        switch error {
        case .expired(let oldest):
            self.init(
                .eventsExpired, "Events behind this place were removed; the oldest that is kept is \(oldest).",
                errors: [fault])
            oldestEvent = oldest
        case .ahead(let newest):
            self.init(
                .eventsExpired, "The newest event of the log is \(newest): this is the number of another log.",
                errors: [fault])
        }
    }

    /// What HTTP itself refuses.
    init(_ refusal: HTTPRefusal) {
        let slug: ProblemSlug =
            switch refusal {
            case .malformed: .malformedRequest
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .timedOut: .requestTimeout
            case .bodyTooLarge: .contentTooLarge
            case .targetTooLong: .uriTooLong
            case .fieldsTooLarge: .headerFieldsTooLarge
            case .expectationFailed: .expectationFailed
            case .notImplemented: .notImplemented
            case .versionNotSupported: .versionNotSupported
            case .unavailable: .serviceUnavailable
            }
        self.init(slug, refusal.detail)
        if case .methodNotAllowed(let allowed) = refusal {
            fields.append(.allow, allowed.map(\.name).joined(separator: ", "))
        }
    }
}
