import API
import HTTP
import Model
import Representation
import Testing
import Webhooks
import Wire

@Suite struct `Webhook operations` {
    @Test func `a new one is shown with its secret, once and for nobody's cache`() async throws {
        let client = Client()
        let answer = try await client.send(
            .post, "/v1/webhooks",
            #"{"url":"https://app.example.org/hook","types":["message.*"],"include":["text"],"filter":{"from":"x"}}"#)
        #expect(answer.status == 201 && answer.fields[.location] == "/v1/webhooks/whk_1")
        #expect(answer.fields[.cacheControl] == "no-store" && answer.fields[.etag]?.hasPrefix("\"3.") == true)
        #expect(answer.json["secret"] == .string(StubWebhooks.secret.revealed))
        for target in ["/v1/webhooks/whk_1", "/v1/webhooks", "/v1/webhooks/whk_1/deliveries"] {
            let shown = try await client.send(.get, target)
            #expect(shown.status == 200 && !shown.text.contains("whsec_"), "\(target)")
        }
    }

    @Test func `shows what was decided and how the endpoint fares`() async throws {
        let json = try await Client().send(.get, "/v1/webhooks/whk_1").json
        #expect(json["state"] == .string("disabled") && json["disabledReason"] == .string("gone"))
        #expect(json["ordered"] == .bool(true) && json["position"] == .number("12"))
        #expect(json["filter"]?["hasAttachment"] == .bool(true) && json["filter"]?["subject"] == nil)
        #expect(json["endpoint"]?["state"] == .string("paused"))
        #expect(json["endpoint"]?["consecutiveFailures"] == .number("6"))
        #expect(json["endpoint"]?["retryAt"] == .string("1970-01-01T00:00:09.000Z"))
        #expect(json["endpoint"]?["lastError"]?["code"] == .string("status"))
    }

    @Test func `is conditional`() async throws {
        let client = Client()
        let tag = try #require(try await client.send(.get, "/v1/webhooks/whk_1").fields[.etag])
        #expect(try await client.send(.get, "/v1/webhooks/whk_1", fields: [.ifNoneMatch: tag]).status == 304)
        let patch = #"{"state":"enabled"}"#
        #expect(try await client.send(.patch, "/v1/webhooks/whk_1", patch, fields: [.ifMatch: tag]).status == 200)
        let stale = try await client.send(.patch, "/v1/webhooks/whk_1", patch, fields: [.ifMatch: "\"2.x\""])
        #expect(stale.status == 412 && stale.slug == "precondition-failed")
        #expect(try await client.send(.delete, "/v1/webhooks/whk_1", fields: [.ifMatch: "\"x\""]).status == 412)
        #expect(try await client.send(.delete, "/v1/webhooks/whk_1").status == 204)
    }

    @Test func `rotates, tests, sends again and replays`() async throws {
        let client = Client()
        let rotated = try await client.send(.post, "/v1/webhooks/whk_1/rotate-secret")
        #expect(rotated.status == 200 && rotated.json["secret"] != nil && rotated.fields[.cacheControl] == "no-store")
        let tested = try await client.send(.post, "/v1/webhooks/whk_1/test")
        #expect(
            tested.status == 200 && tested.json["ok"] == .bool(false) && tested.json["durationMs"] == .number("1500"))
        #expect(tested.json["error"]?["code"] == .string("timed-out") && tested.json["status"] == .null)
        let again = try await client.send(.post, "/v1/webhooks/whk_1/deliveries/dlv_7/redeliver")
        #expect(again.status == 202 && again.json["id"] == .string("dlv_7"))
        #expect(try await client.send(.post, "/v1/webhooks/whk_1/replay", #"{"after":3}"#).status == 202)
        let calls = ["rotate whk_1", "test whk_1", "redeliver dlv_7 of whk_1", "replay whk_1 after 3"]
        #expect(client.engines.calls == calls)
    }

    @Test func `names what is wrong`() async throws {
        let client = Client()
        for (body, places) in [
            ("{}", ["/url"]), (#"{"url":1,"typs":[]}"#, ["/url", "/typs"]),
            (
                #"{"url":"x","types":"a","accounts":["../x"],"include":["body"]}"#,
                ["/types", "/accounts/0", "/include/0"]
            ),
            (
                #"{"url":"x","filter":{"sender":"x","hasAttachment":"yes"}}"#,
                ["/filter/hasAttachment", "/filter/sender"]
            ),
            (#"{"url":"x","ordered":1}"#, ["/ordered"]),
        ] {
            let answer = try await client.send(.post, "/v1/webhooks", body)
            #expect(answer.status == 422 && answer.places == places, "\(body) \(answer.text)")
        }
        let patch = try await client.send(
            .patch, "/v1/webhooks/whk_1", #"{"secret":"x","position":1,"state":"gone","url":null}"#)
        #expect(patch.status == 422 && Set(patch.places) == ["/secret", "/position", "/state", "/url"])
        #expect(try await client.send(.post, "/v1/webhooks/whk_1/replay", #"{"after":-1}"#).places == ["/after"])
        #expect(try await client.send(.get, "/v1/webhooks/whk_1/deliveries?state=lost").places == ["?state"])
        #expect(try await client.send(.get, "/v1/webhooks/whk_1/deliveries?cursor=stale").slug == "stale-cursor")
        #expect(try await client.send(.get, "/v1/webhooks/other").slug == "webhook-not-found")
        #expect(
            try await client.send(.post, "/v1/webhooks/whk_1/deliveries/x/redeliver").slug == "delivery-not-found")
        client.engines.fail(with: WebhookError.invalid([FieldFault(pointer: "/url", detail: "is private")]))
        #expect(try await client.send(.post, "/v1/webhooks", #"{"url":"https://10.0.0.1"}"#).places == ["/url"])
    }

    @Test func `is for admins of all accounts`() {
        for operation in Operation.all where operation.path.hasPrefix("/v1/webhooks") {
            #expect(operation.scopes == [.admin], "\(operation.id)")
        }
    }
}
