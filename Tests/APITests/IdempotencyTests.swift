import API
import HTTP
import Model
import Synchronization
import Testing

@Suite struct `Idempotency` {
    private let store = MemoryIdempotency()
    private let target = "/v1/accounts/acc_1/submissions"
    private let body = #"{"to":["a@b.c"],"text":"x"}"#

    @Test func `answers a repetition with the first success and does nothing again`() async throws {
        let client = Client(idempotency: store)
        let first = try await client.send(.post, target, body, fields: [.idempotencyKey: "\"k 1\""])
        let second = try await client.send(.post, target, body, fields: [.idempotencyKey: "k 1"])
        #expect(first.status == 202 && second.status == 202)
        #expect(first.body == second.body && second.fields[.location] == first.fields[.location])
        #expect(client.engines.calls.count == 1)
    }

    @Test func `refuses another payload, another target, and not another key or token`() async throws {
        let client = Client(idempotency: store)
        _ = try await client.send(.post, target, body, fields: [.idempotencyKey: "k"])
        let other = try await client.send(
            .post, target, #"{"to":["a@b.c"],"text":"y"}"#, fields: [.idempotencyKey: "k"])
        #expect(other.status == 422 && other.slug == "idempotency-key-reused" && other.places == [":Idempotency-Key"])
        let elsewhere = try await client.send(
            .post, "/v1/accounts/acc_2/submissions", body, fields: [.idempotencyKey: "k"])
        #expect(elsewhere.slug == "idempotency-key-reused")
        #expect(client.engines.calls.count == 1)
        _ = try await client.send(.post, target, body, fields: [.idempotencyKey: "k2"])
        _ = try await client.send(.post, target, token: "send", body, fields: [.idempotencyKey: "k"])
        #expect(client.engines.calls.count == 3)
    }

    @Test func `refuses while the first still runs`() async throws {
        let client = Client(idempotency: store)
        store.hold("k")
        let answer = try await client.send(.post, target, body, fields: [.idempotencyKey: "k"])
        #expect(answer.status == 409 && answer.slug == "idempotency-in-progress")
        #expect(answer.fields[.retryAfter] != nil)
    }

    @Test func `frees the key where nothing was done`() async throws {
        let client = Client(idempotency: store)
        let wrong = try await client.send(.post, target, #"{"typo":1}"#, fields: [.idempotencyKey: "k"])
        #expect(wrong.status == 422)
        let right = try await client.send(.post, target, body, fields: [.idempotencyKey: "k"])
        #expect(right.status == 202)
    }

    @Test func `ends what was begun although the client goes away`() async throws {
        let client = Client(idempotency: store)
        let (target, body) = (target, body)
        let task = Task { try await client.send(.post, target, body, fields: [.idempotencyKey: "k"]) }
        task.cancel()
        _ = try? await task.value
        let again = try await client.send(.post, target, body, fields: [.idempotencyKey: "k"])
        #expect(again.status == 202)
        #expect(client.engines.calls.count == 1)
    }

    @Test(arguments: ["\"\"", "\u{E4}", "a\"b", String(repeating: "x", count: 256)])
    func `refuses keys that are none`(key: String) async throws {
        let answer = try await Client(idempotency: store).send(.post, target, body, fields: [.idempotencyKey: key])
        #expect(answer.status == 422 && answer.places == [":Idempotency-Key"])
    }
}

/// Keeps answers in memory, as the real store does in rows.
private final class MemoryIdempotency: IdempotencyStore {
    private struct Entry {
        let payload: [UInt8]
        var answer: IdempotentAnswer?
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let held = Mutex<Set<String>>([])

    func hold(_ key: String) { _ = held.withLock { $0.insert(key) } }

    func begin(_ request: IdempotentRequest) async throws -> IdempotencyDecision {
        if held.withLock({ $0.contains(request.key) }) { return .running }
        let name = request.principal + " " + request.key
        return entries.withLock { entries in
            if let entry = entries[name] {
                guard entry.payload == request.payload else { return .mismatch }
                return entry.answer.map { .replay($0) } ?? .running
            }
            entries[name] = Entry(payload: request.payload)
            return .proceed(
                IdempotentClaim(
                    finish: { [self] answer in self.entries.withLock { $0[name]?.answer = answer } },
                    abandon: { [self] in _ = self.entries.withLock { $0.removeValue(forKey: name) } }))
        }
    }
}
