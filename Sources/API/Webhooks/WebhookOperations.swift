import HTTP
import HTTPServer
import Model
import Representation
import Webhooks
import Wire

/// `/v1/webhooks`.
///
/// For tokens with the scope `admin` and for all accounts: a webhook outlives the token that made it, and sends mail to
/// wherever it was told, so a short-lived token of a front end must not make one.
enum WebhookOperations {
    static let all = [
        Operation("createWebhook", .post, "/v1/webhooks", .admin, accepts: ["application/json"], handler: create),
        Operation("listWebhooks", .get, "/v1/webhooks", .admin, query: ["limit", "cursor"], handler: list),
        Operation("getWebhook", .get, "/v1/webhooks/{webhook}", .admin, handler: show),
        Operation(
            "updateWebhook", .patch, "/v1/webhooks/{webhook}", .admin,
            accepts: ["application/merge-patch+json", "application/json"], handler: update),
        Operation("deleteWebhook", .delete, "/v1/webhooks/{webhook}", .admin, handler: remove),
        Operation(
            "rotateWebhookSecret", .post, "/v1/webhooks/{webhook}/rotate-secret", .admin, handler: rotateSecret),
        Operation("testWebhook", .post, "/v1/webhooks/{webhook}/test", .admin, handler: test),
        Operation(
            "listWebhookDeliveries", .get, "/v1/webhooks/{webhook}/deliveries", .admin,
            query: ["limit", "cursor", "state"], handler: deliveries),
        Operation(
            "redeliverWebhookDelivery", .post, "/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver", .admin,
            handler: redeliver),
        Operation(
            "replayWebhook", .post, "/v1/webhooks/{webhook}/replay", .admin, accepts: ["application/json"],
            handler: replay),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), WebhookDraft.read)
        let (webhook, secret) = try await call.dependencies.webhooks.create(draft)
        return answer(webhook, secret, .created).located(
            at: "/v1/webhooks/" + PercentEncoding.encode(webhook.id.rawValue))
    }

    private static func list(_ call: Call) async throws -> HTTPResponse {
        try await call.page { limit, cursor in
            try await call.dependencies.webhooks.list(limit: limit, cursor: cursor)
        }
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        let webhook = try await call.dependencies.webhooks.webhook(id(call))
        if try call.alreadyHas(webhook.tag) { return .notModified(webhook.tag) }
        return .json(webhook, tag: webhook.tag)
    }

    private static func update(_ call: Call) async throws -> HTTPResponse {
        let patch = try call.json().read(FaultCollector(), WebhookPatch.read)
        let webhook = try await call.dependencies.webhooks.update(
            id(call), with: patch, ifRevision: ifRevision(call))
        return .json(webhook, tag: webhook.tag)
    }

    private static func remove(_ call: Call) async throws -> HTTPResponse {
        try await call.dependencies.webhooks.delete(id(call), ifRevision: ifRevision(call))
        return HTTPResponse(.noContent)
    }

    private static func rotateSecret(_ call: Call) async throws -> HTTPResponse {
        let (webhook, secret) = try await call.dependencies.webhooks.rotateSecret(id(call))
        return answer(webhook, secret, .ok)
    }

    private static func test(_ call: Call) async throws -> HTTPResponse {
        .json(try await call.dependencies.webhooks.test(id(call)))
    }

    private static func deliveries(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        var state: WebhookDeliveryState?
        if let text = call.query["state"] {
            state = WebhookDeliveryState(rawValue: text)
            if state == nil {
                let names = WebhookDeliveryState.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add(RequestFault(.parameter("state"), "must be one of \(names)"))
            }
        }
        try faults.check()
        return try await call.page { [state] limit, cursor in
            try await call.dependencies.webhooks.deliveries(of: id(call), state: state, limit: limit, cursor: cursor)
        }
    }

    private static func redeliver(_ call: Call) async throws -> HTTPResponse {
        .json(try await call.dependencies.webhooks.redeliver(call.parameter("delivery"), of: id(call)), .accepted)
    }

    private static func replay(_ call: Call) async throws -> HTTPResponse {
        let request = try call.json().read(FaultCollector(), ReplayRequest.read)
        return .json(try await call.dependencies.webhooks.replay(id(call), after: request.after), .accepted)
    }

    private static func id(_ call: Call) -> WebhookID { WebhookID(rawValue: call.parameter("webhook")) }

    /// The two answers that hold a secret are kept by no cache.
    private static func answer(_ webhook: Webhook, _ secret: Secret, _ status: HTTPStatus) -> HTTPResponse {
        var response = HTTPResponse.json(WebhookWithSecret(webhook: webhook, secret: secret), status, tag: webhook.tag)
        response.fields[.cacheControl] = "no-store"
        return response
    }

    /// The revision that `If-Match` asks for; see `AccountOperations`.
    private static func ifRevision(_ call: Call) async throws -> Int64? {
        guard case .tags(let tags) = try call.condition(.ifMatch) else { return nil }
        let revisions = tags.filter { !$0.isWeak }.compactMap(Account.revision(of:))
        if revisions.count == 1 { return revisions[0] }
        let current = try await call.dependencies.webhooks.webhook(id(call)).revision
        guard revisions.contains(current) else {
            throw Problem(.preconditionFailed, "The webhook has none of these entity tags.")
        }
        return current
    }
}

extension Webhook {
    /// `<revision>.<what the rest shows>`.
    var tag: EntityTag {
        let shown = EntityTag.of([String(decoding: JSONWriter.bytes(of: self), as: UTF8.self)])
        return EntityTag("\(revision).\(shown.value)")
    }
}
