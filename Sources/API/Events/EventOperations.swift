import HTTP
import HTTPServer
import Model
import Representation
import Wire

/// `/v1/events`: the log as a list, a long poll and a stream; and tickets for the stream.
enum EventOperations {
    static let all = [
        Operation(
            "listEvents", .get, "/v1/events", .events,
            query: ["after", "types", "account", "limit", "wait", "ticket"], takesTicket: true, handler: list),
        Operation(
            "createEventTicket", .post, "/v1/events/tickets", .events, accepts: ["application/json"],
            handler: createTicket),
    ]

    private static func list(_ call: Call) async throws -> HTTPResponse {
        let accept = Accept(call.request.fields[.accept])
        guard accept.best(of: ["application/json", "text/event-stream"]) == "text/event-stream" else {
            return try await page(call, EventQuery(call, isStream: false))
        }
        return try await stream(call, EventQuery(call, isStream: true))
    }

    private static func page(_ call: Call, _ asked: EventQuery) async throws -> HTTPResponse {
        let events = call.dependencies.events
        let end = ContinuousClock.now + .seconds(asked.wait)
        var position: Int64
        if let after = asked.after { position = after } else { position = try await events.ends().oldest - 1 }
        while true {
            let rings = events.rings
            // A token may end while its bearer waits.
            if asked.wait > 0, try await !events.isActive(call.principal) { throw Access.invalidToken }
            let page = try await events.page(after: position, filter: asked.filter, limit: asked.limit)
            if !page.events.isEmpty || end <= .now || events.isClosing {
                return try await answer(call, page)
            }
            position = page.next
            if page.isLast { await events.wait(after: rings, until: end) }
            try Task.checkCancellation()
        }
    }

    private static func answer(_ call: Call, _ page: EventPage) async throws -> HTTPResponse {
        var writer = JSONWriter(reserving: 512 + page.events.reduce(0) { $0 + $1.data.count + 256 })
        writer.object { writer in
            writer.member("data", array: page.events)
            writer.member("next", page.next)
            writer.member("oldest", page.ends.oldest)
            writer.member("newest", page.ends.newest)
        }
        var response = HTTPResponse(.ok, type: "application/json", writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        if !page.isLast {
            let kept = call.request.target.queryItems.filter { !["after", "ticket"].contains($0.name) }
            let pairs = (kept.map { ($0.name, $0.value) } + [("after", String(page.next))])
                .map { PercentEncoding.encode($0.0) + "=" + PercentEncoding.encode($0.1) }
            let target = call.request.target.path + "?" + pairs.joined(separator: "&")
            response.fields.append(.link, Link(target, relation: "next").value)
        }
        return response
    }

    private static func stream(_ call: Call, _ asked: EventQuery) async throws -> HTTPResponse {
        let events = call.dependencies.events
        // Before the answer begins: what comes from now on is shown, and a place that is gone is still a status.
        let ends = try await events.ends()
        if let after = asked.after { try ends.check(after) }
        let stream = EventStream(
            events: events, principal: call.principal, filter: asked.filter, position: asked.after ?? ends.newest,
            pace: call.dependencies.streamPace, requestID: call.request.id, logger: call.dependencies.logger)
        return HTTPResponse(
            .ok,
            fields: [
                .contentType: "text/event-stream", .cacheControl: "no-store",
                // nginx would hold events back until its buffer is full.
                "X-Accel-Buffering": "no",
            ],
            body: .stream(length: nil) { writer in
                try await call.dependencies.openStreams.during { try await stream.write(to: writer) }
            })
    }

    private static func createTicket(_ call: Call) async throws -> HTTPResponse {
        let accounts = try call.json().read { reader -> Set<AccountID>?? in
            guard let node = reader.optional("accounts") else { return .some(nil) }
            let read = node.array { AccountID.read($0) }
            if node.value == .array([]) { node.fail("must not be empty") }
            return .some(read.map { Set($0) })
        }
        for account in accounts ?? [] where !call.principal.may(use: account) {
            throw Problem(.accountForbidden, "The token is not bound to the account \(account).")
        }
        let made = try await call.dependencies.events.makeTicket(for: call.principal, accounts: accounts)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("ticket", made.secret.revealed)
            writer.member("url", "/v1/events?ticket=" + made.secret.revealed)
            writer.member("expiresAt", made.expiresAt)
        }
        var response = HTTPResponse(.created, type: "application/json", writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        return response
    }
}
