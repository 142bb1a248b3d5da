extension ProblemSlug {
    /// A few words, the same for every problem of the kind.
    package var title: String { text.title }

    /// What it means and what to do about it: the text of its page.
    package var explanation: String { text.explanation }

    private var text: (title: String, explanation: String) {
        switch self {
        case .malformedRequest, .malformedJSON, .requestTimeout, .contentTooLarge, .uriTooLong, .unsupportedMediaType,
            .rangeNotSatisfiable, .expectationFailed, .headerFieldsTooLarge, .versionNotSupported, .methodNotAllowed,
            .notImplemented:
            transportText
        case .unauthenticated, .invalidToken, .insufficientScope, .accountForbidden, .invalidLink: accessText
        case .notFound, .accountNotFound, .mailboxNotFound, .messageNotFound, .attachmentNotFound,
            .submissionNotFound, .tokenNotFound, .webhookNotFound, .deliveryNotFound,
            .templateNotFound:
            absenceText
        case .upstreamError, .upstreamAuthenticationFailed, .upstreamCertificateInvalid, .upstreamInsecure,
            .upstreamUnsupported, .accountUnavailable, .accountSyncing, .upstreamTimeout, .overQuota,
            .upstreamPermissionDenied,
            .upstreamLimit, .upstreamBroken:
            upstreamText
        default: requestText
        }
    }

    private var transportText: (String, String) {
        switch self {
        case .malformedRequest:
            ("Malformed request", "The octets are no HTTP/1.1 request; `detail` says which rule was broken.")
        case .malformedJSON:
            ("Malformed JSON", "The body is not one JSON text. `detail` says where it went wrong, counted in octets.")
        case .requestTimeout:
            ("Request not complete in time", "The request, or the rest of its body, did not arrive. Send it again.")
        case .contentTooLarge:
            ("Body too large", "The body is larger than this server takes; the bound is a setting of the server.")
        case .uriTooLong: ("Request target too long", "Shorten the query, for example its filters.")
        case .unsupportedMediaType:
            ("Unsupported media type", "Name the body's type in `Content-Type`; `detail` lists those that are taken.")
        case .rangeNotSatisfiable:
            (
                "Range not satisfiable",
                "The range begins behind the end. `Content-Range` says how many octets there are."
            )
        case .expectationFailed: ("Expectation failed", "The only expectation this server knows is `100-continue`.")
        case .headerFieldsTooLarge: ("Header fields too large", "There are too many header fields, or one is too long.")
        case .versionNotSupported: ("HTTP version not supported", "This server speaks HTTP/1.1 and HTTP/1.0.")
        case .methodNotAllowed: ("Method not allowed", "The `Allow` field lists what this resource knows.")
        default: ("Not implemented", "The request asks for something of HTTP that this server lacks.")
        }
    }

    private var accessText: (String, String) {
        switch self {
        case .unauthenticated:
            (
                "Authentication required",
                "Send `Authorization: Bearer <token>`. The first token is made with `mailbridge token create`."
            )
        case .invalidToken: ("Invalid token", "The token is unknown, revoked or expired.")
        case .insufficientScope:
            (
                "Insufficient scope",
                "The token lacks the scope that `WWW-Authenticate` names. Scopes never change: make a new token."
            )
        case .invalidLink:
            (
                "Invalid link",
                "The link to an attachment has expired, or was not made by this server. Ask the program that gave it to "
                    + "you for another."
            )
        default: ("Account not allowed", "The token is bound to other accounts, or the operation concerns all of them.")
        }
    }

    private var absenceText: (String, String) {
        switch self {
        case .notFound: ("Not found", "No resource has this path.")
        case .accountNotFound: ("Account not found", "No account has this id.")
        case .mailboxNotFound: ("Mailbox not found", "The account has no mailbox of this id or role.")
        case .messageNotFound:
            (
                "Message not found",
                "No message has this id: it was deleted or moved, or the id was made by another account."
            )
        case .attachmentNotFound: ("Attachment not found", "The message has no attachment of this id.")
        case .submissionNotFound: ("Submission not found", "The account has no submission of this id.")
        case .webhookNotFound: ("Webhook not found", "No webhook has this id.")
        case .deliveryNotFound:
            ("Delivery not found", "The webhook has no delivery of this id, or its event is not kept any more.")
        case .templateNotFound: ("Template not found", "No template has this id.")
        default: ("Token not found", "No token has this id. The id begins with `tok_`; the secret is no id.")
        }
    }

    private var upstreamText: (String, String) {
        switch self {
        case .upstreamError:
            (
                "The mail server refused",
                "The mail server said no, or something that nobody understands. `upstream` has its words."
            )
        case .upstreamAuthenticationFailed:
            (
                "The mail server refused the credentials",
                "Give the account its current password with PATCH. It is not tried again by itself."
            )
        case .upstreamCertificateInvalid:
            (
                "The mail server's certificate is not trusted",
                "Nothing was sent to it. Correct the host, or give the server's authority in `tls.caCertificates`."
            )
        case .upstreamInsecure:
            (
                "The mail server cannot be reached securely",
                "The settings ask for TLS and the server does not offer it as they say. Nothing was sent in the clear."
            )
        case .upstreamUnsupported:
            ("The mail server lacks a feature", "`detail` names what the request cannot do without.")
        case .accountUnavailable:
            (
                "The mail server cannot be reached",
                "It is down, refuses connections or has none left. `Retry-After` says when to try again."
            )
        case .accountSyncing:
            (
                "The account is still being read",
                "Its mail is read for the first time, newest first, and what the id names was not met yet. It may not exist either. `Retry-After` says when to ask again."
            )
        case .overQuota:
            (
                "The account is full",
                "The mail server stores no more for this account. Delete mail, or have its quota raised; "
                    + "`GET /v1/accounts/{account}/quota` shows what is used."
            )
        case .upstreamPermissionDenied:
            (
                "The mail server does not allow it",
                "The account may not do this in this mailbox, which nearly always belongs to somebody else; a mailbox's "
                    + "`myRights` says what it may do."
            )
        case .upstreamLimit:
            (
                "A limit of the mail server",
                "The mail server allows no more of this, such as mailboxes or keywords. `upstream` has its words."
            )
        case .upstreamBroken:
            (
                "The mail server is damaged",
                "The mail server says that it, or what it stores, is broken. Its administrator must look into it; "
                    + "`upstream` has its words."
            )
        default:
            ("The mail server did not answer in time", "`Prefer: wait=<seconds>` allows more time, up to 300 seconds.")
        }
    }

    private var requestText: (String, String) {
        switch self {
        case .submissionNotWaiting:
            (
                "Submission not waiting",
                "It is being sent at this moment, or it is final. Ask for it again: its state says what became of it."
            )
        case .accountExists: ("Account exists", "Choose another `id`, leave it out, or change the account with PATCH.")
        case .accountDisabled:
            ("Account disabled", "The account makes no connections until PATCH sets `isDisabled` to false.")
        case .protocolNotConfigured:
            (
                "Protocol not configured",
                "The account has no server for this: reading needs `imap`, sending needs `smtp`."
            )
        case .mailboxExists:
            ("Mailbox exists", "A mailbox of this name lies there already. Choose another name or place.")
        case .mailboxNotEmpty:
            (
                "Mailbox not empty",
                "It holds messages or mailboxes. Move them away, or say `?force=true` to delete it with all it holds."
            )
        case .mailboxProtected: ("Mailbox protected", "Every account has its inbox: it is neither deleted nor renamed.")
        case .notADraft:
            (
                "Not a draft",
                "Only a message with the keyword `$draft`, or in the mailbox of drafts, is replaced or sent."
            )
        case .idempotencyInProgress:
            (
                "Request still running",
                "A request with this `Idempotency-Key` is not finished. Ask again for its answer."
            )
        case .eventsExpired:
            (
                "Events expired",
                "The event log does not reach to `after`: events behind it were removed, or it is the number of another "
                    + "log. `oldestEvent` is the oldest one that is kept. Read the resources anew, then go on from there."
            )
        case .streamTooSlow:
            (
                "Stream too slow",
                "The client did not read the event stream in time. Nothing is lost: go on with `Last-Event-ID`."
            )
        case .preconditionFailed:
            ("Precondition failed", "The resource changed since you read it. Read it again, then decide.")
        case .invalidRequest:
            ("Invalid request", "The request is understood and wrong; `errors` lists each fault with its place.")
        case .verificationFailed:
            (
                "Verification failed",
                "A mail server did not accept the settings; `errors` has an entry for each. Nothing was stored. "
                    + "`?verify=false` stores settings without asking the servers."
            )
        case .staleCursor:
            ("Stale cursor", "The cursor is not ours or its mailbox was rebuilt. Begin at the first page again.")
        case .mailboxNotSelectable:
            ("Mailbox not selectable", "The mailbox only contains other mailboxes, no messages.")
        case .idempotencyKeyReused:
            (
                "Idempotency key reused",
                "The key belongs to another request of the last 24 hours. A new request needs a new key."
            )
        case .serviceUnavailable:
            ("Service unavailable", "The server is busy, starting or stopping. `Retry-After` says when to try again.")
        default: ("Internal error", "This is a fault of the server. Its log has more under the same `requestId`.")
        }
    }
}
