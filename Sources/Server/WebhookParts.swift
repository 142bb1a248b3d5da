import API
import HTTP
import HTTPClient
import Logging
import Model
import RemoteMail
import SafeHTML
import Store
import Transport
import Webhooks

/// Webhooks with what they stand on: an HTTP client of their own, and the mail that they may include.
struct WebhookParts {
    let client: HTTPClient
    let dispatcher: WebhookDispatcher
    let service: WebhookService

    init(
        _ settings: Settings, store: MailStore, node: String, loops: EventLoopGroup, mail: AccountMail,
        links: LinkSigner, logger: Logger
    ) {
        let addresses = AddressPolicy(allowsLocal: settings.webhookAllowPrivate)
        let client = HTTPClient(loops: loops, addresses: addresses)
        dispatcher = WebhookDispatcher(
            store: store, node: node, window: settings.webhookConcurrency, userAgent: "Mailbridge/\(Version.current)",
            send: { request, deadline in await Self.send(request, with: client, until: deadline) },
            content: { id, account, include, deadline in
                try await Self.content(of: id, account, include, in: mail, links, until: deadline)
            },
            logger: logger)
        service = WebhookService(
            store: store,
            rules: WebhookRules(
                allowsPlain: settings.webhookAllowPrivate, refusal: { addresses.refusal(ofHost: $0) }),
            dispatcher: dispatcher)
        self.client = client
    }

    private static func send(
        _ request: WebhookRequest, with client: HTTPClient, until deadline: ContinuousClock.Instant
    ) async -> AttemptOutcome {
        var fields = HTTPFields()
        for field in request.fields {
            guard let name = HTTPFieldName(field.name) else { continue }
            fields.append(name, field.value)
        }
        do throws(HTTPClientError) {
            // The event's id tells a receiver that it has a copy already, so a second one does no harm.
            let answer = try await client.send(
                HTTPClientRequest(.post, request.url, fields: fields, body: request.body, isRepeatable: true),
                deadline: .after(deadline - .now))
            return .answered(status: answer.status.code, retryAfter: answer.fields[.retryAfter])
        } catch {
            return outcome(of: error)
        }
    }

    private static func outcome(of error: HTTPClientError) -> AttemptOutcome {
        let code: String
        switch error {
        case .cancelled, .closed: return .interrupted
        case .tooManyConnections, .system: return .postponed
        case .timedOut: code = "timed-out"
        case .addressForbidden: code = "address-forbidden"
        case .resolveFailed: code = "host-not-found"
        case .connectionRefused: code = "connection-refused"
        case .unreachable: code = "unreachable"
        case .tls: code = "tls"
        case .disconnected: code = "disconnected"
        case .malformed: code = "malformed-answer"
        }
        return .unanswered(WebhookFault(code: code, text: error.description))
    }

    /// What a webhook wants of a message, with its html made safe as the API does it.
    private static func content(
        of id: EmailID, _ account: AccountID, _ include: Set<WebhookInclude>, in mail: AccountMail,
        _ links: LinkSigner, until deadline: ContinuousClock.Instant
    ) async throws -> WebhookContent {
        var options = MessageOptions()
        options.wantsText = include.contains(.text)
        options.wantsHTML = include.contains(.html)
        options.headers = include.contains(.headers) ? ["*"] : []
        options.maxBodyBytes = Webhooks.Limits.bodyOctets
        do {
            let message = try await mail.message(id, of: account, options: options, deadline: deadline)
            let safe = try await HTMLForm.safe.apply(to: message, of: account, links: links) { html, addresses in
                try await BlockingPool.work.run { SafeHTML(html, addresses: addresses) }
            }
            return .message(safe.message)
        } catch RemoteMailError.messageNotFound {
            return .gone
        }
    }
}
