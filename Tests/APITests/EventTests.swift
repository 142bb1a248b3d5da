import API
import FoundationEssentials
import HTTP
import Model
import Representation
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Events` {
    private static func sequences(_ answer: Answer) -> [String] {
        guard case .array(let events)? = answer.json["data"] else { return [] }
        return events.compactMap {
            if case .number(let text)? = $0["sequence"] { text } else { nil }
        }
    }

    @Test func `are listed in their order, page by page`() async throws {
        let client = Client()
        for type in [EventType.accountCreated, .messageCreated, .accountUpdated] { client.events.append(type) }
        let first = try await client.send(.get, "/v1/events?limit=2", token: "events")
        #expect(first.status == 200)
        #expect(Self.sequences(first) == ["1", "2"])
        #expect(first.json["next"] == .number("2"))
        #expect(first.json["newest"] == .number("3"))
        #expect(first.fields[.link] == "</v1/events?limit=2&after=2>; rel=\"next\"")
        let second = try await client.send(.get, "/v1/events?limit=2&after=2", token: "events")
        #expect(Self.sequences(second) == ["3"])
        #expect(second.fields[.link] == nil)
        let none = try await client.send(.get, "/v1/events?after=3", token: "events")
        #expect(Self.sequences(none) == [] && none.json["next"] == .number("3"))
    }

    @Test func `are chosen by type and account, and by what the token may see`() async throws {
        let client = Client()
        client.events.append(.messageCreated)
        client.events.append(.messageDeleted, of: "acc_2")
        client.events.append(.accountDeleted, of: nil)
        let targets: [(String, String, [String])] = [
            ("types=message.created,account.deleted", "events", ["1", "3"]), ("account=acc_2", "events", ["2"]),
            ("account=acc_1,acc_2", "admin", ["1", "2"]), ("limit=9", "events~acc_1", ["1"]),
            ("account=acc_1&types=message.deleted", "events", []), ("limit=9", "events", ["1", "2", "3"]),
        ]
        for (query, token, expected) in targets {
            let answer = try await client.send(.get, "/v1/events?\(query)", token: token)
            #expect(Self.sequences(answer) == expected, "\(query)")
            #expect(answer.json["next"] == .number("3"), "\(query)")
        }
        let other = try await client.send(.get, "/v1/events?account=acc_2", token: "events~acc_1")
        #expect(other.status == 403 && other.slug == "account-forbidden")
    }

    @Test(arguments: [
        ("after=-1", ["?after"]), ("after=x", ["?after"]), ("types=message.made", ["?types"]), ("types=,", ["?types"]),
        ("account=a/b", ["?account"]), ("limit=0", ["?limit"]), ("wait=61", ["?wait"]), ("types=", ["?types"]),
        ("after=1&after=2", ["?after"]),
    ])
    func `refuse what they cannot read`(query: String, places: [String]) async throws {
        let answer = try await Client().send(.get, "/v1/events?\(query)", token: "events")
        #expect(answer.status == 422)
        #expect(Set(answer.places) == Set(places))
    }

    @Test func `say that some are gone instead of leaving them out`() async throws {
        let client = Client()
        for _ in 0..<5 { client.events.append(.messageCreated) }
        client.events.expire(3)
        for accept in ["application/json", "text/event-stream"] {
            let gone = try await client.send(
                .get, "/v1/events?after=2", token: "events", fields: [.accept: accept])
            #expect(gone.status == 410 && gone.slug == "events-expired")
            #expect(gone.json["oldestEvent"] == .number("4"))
            let ahead = try await client.send(
                .get, "/v1/events?after=6", token: "events", fields: [.accept: accept])
            #expect(ahead.status == 410 && ahead.slug == "events-expired")
        }
        #expect(try await Self.sequences(client.send(.get, "/v1/events", token: "events")) == ["4", "5"])
        #expect(try await Self.sequences(client.send(.get, "/v1/events?after=3", token: "events")) == ["4", "5"])
    }

    @Test func `a long poll answers with the first event, and not with one that it does not want`() async throws {
        let client = Client()
        async let waiting = client.send(.get, "/v1/events?after=0&wait=60&types=message.moved", token: "events")
        client.events.append(.messageCreated)
        client.events.append(.messageMoved)
        let answer = try await waiting
        #expect(Self.sequences(answer) == ["2"])
    }

    @Test func `a long poll ends when the program stops, and when its token does`() async throws {
        let client = Client()
        async let waiting = client.send(.get, "/v1/events?wait=60", token: "events")
        client.events.close()
        let answer = try await waiting
        #expect(answer.status == 200 && Self.sequences(answer) == [])
        let other = Client()
        async let revoked = other.send(.get, "/v1/events?wait=60", token: "events")
        other.events.end("events")
        #expect(try await revoked.status == 401)
    }

    @Test func `a stream has what is there and what comes`() async throws {
        let client = Client()
        client.events.append(.messageCreated)
        client.events.append(.messageDeleted, of: "acc_2", "{\"a\":\n1}")
        let text = try await client.stream("/v1/events?after=0") { reader in
            await reader.wait(for: "id: 2\n")
            client.events.append(.accountUpdated)
            await reader.wait(for: "id: 3\n")
            client.events.close()
        }
        let blocks = text.components(separatedBy: "\n\n")
        #expect(blocks[0] == "retry: 2000\nid: 0")
        #expect(blocks[1].hasPrefix("id: 1\nevent: message.created\ndata: {\"id\":\"evt_1\",\"sequence\":1,"))
        #expect(blocks[2].hasSuffix("\"accountId\":\"acc_2\",\"data\":{\"a\": 1}}"))
        #expect(blocks[3].hasPrefix("id: 3\nevent: account.updated\n"))
        #expect(blocks.count == 5 && blocks[4] == "")
    }

    @Test func `a stream begins now, or where the client was`() async throws {
        let client = Client()
        for _ in 0..<4 { client.events.append(.messageCreated) }
        client.events.close()
        #expect(try await client.stream("/v1/events") { _ in } == "retry: 2000\nid: 4\n\n")
        let open = Client()
        for _ in 0..<4 { open.events.append(.messageCreated) }
        let text = try await open.stream("/v1/events?after=1", fields: [.lastEventID: "3"]) { reader in
            await reader.wait(for: "id: 4\n")
            open.events.close()
        }
        #expect(text.hasPrefix("retry: 2000\nid: 3\n\nid: 4\n"))
    }

    @Test func `a stream ends with its token and says so`() async throws {
        let client = Client()
        let text = try await client.stream("/v1/events") { reader in
            await reader.wait(for: "retry")
            client.events.end("events")
        }
        #expect(text.contains("event: problem\ndata: {\"type\":\"/problems/invalid-token\""))
        #expect(text.hasSuffix("\n\n"))
    }

    @Test func `a stream that is not read in time ends and says so`() async throws {
        var pace = EventStreamPace()
        pace.patience = .zero
        let text = try await Client(pace: pace).stream("/v1/events") { _ in }
        #expect(text.contains("event: problem\ndata: {\"type\":\"/problems/stream-too-slow\""))
    }

    @Test func `a stream that falls behind what is kept ends and says so`() async throws {
        let client = Client()
        client.events.append(.messageCreated)
        let text = try await client.stream("/v1/events") { reader in
            await reader.wait(for: "retry")
            client.events.append(.messageCreated)
            await reader.wait(for: "id: 2\n")
            client.events.outrun(2)
        }
        #expect(text.contains("event: problem\ndata: {\"type\":\"/problems/events-expired\""))
        #expect(text.contains("\"oldestEvent\":5"))
    }

    @Test func `a quiet stream shows that it lives, and where it is`() async throws {
        var pace = EventStreamPace()
        pace.heartbeat = .milliseconds(1)
        let client = Client(pace: pace)
        let text = try await client.stream("/v1/events?types=mailbox.reset") { reader in
            client.events.append(.messageCreated)
            await reader.wait(for: ":\nid: 1\n\n")
            client.events.close()
        }
        #expect(!text.contains("event:"))
    }

    @Test func `a ticket opens the stream for what its token sees, and nothing else`() async throws {
        let client = Client()
        client.events.append(.messageCreated)
        client.events.append(.messageCreated, of: "acc_2")
        let made = try await client.send(.post, "/v1/events/tickets", token: "events", #"{"accounts":["acc_2"]}"#)
        #expect(made.status == 201)
        #expect(made.json["url"] == .string("/v1/events?ticket=mbt_ticket"))
        #expect(made.fields[.cacheControl] == "no-store")
        let listed = try await client.send(.get, "/v1/events?ticket=mbt_ticket", token: nil)
        #expect(Self.sequences(listed) == ["2"])
        let text = try await client.stream("/v1/events?ticket=mbt_ticket&after=0", token: nil) { reader in
            await reader.wait(for: "id: 2\n")
            client.events.close()
        }
        #expect(!text.contains("id: 1\n"))
        let wrong = try await client.send(.get, "/v1/events?ticket=mbt_other", token: nil)
        #expect(wrong.status == 401 && wrong.slug == "invalid-token")
        for target in ["/v1/accounts?ticket=mbt_ticket", "/metrics?ticket=mbt_ticket"] {
            #expect(try await client.send(.get, target, token: nil).slug == "unauthenticated")
        }
        let forbidden = try await client.send(
            .post, "/v1/events/tickets", token: "events~acc_1", #"{"accounts":["acc_2"]}"#)
        #expect(forbidden.status == 403)
        for body in [#"{"accounts":[]}"#, #"{"accounts":["/"]}"#, #"{"account":"x"}"#] {
            #expect(try await client.send(.post, "/v1/events/tickets", token: "events", body).status == 422)
        }
        #expect(try await client.send(.post, "/v1/events/tickets", token: "events", "{}").status == 201)
    }
}
