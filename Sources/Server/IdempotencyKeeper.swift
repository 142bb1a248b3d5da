import API
import Store

/// The API's idempotency on the store's table.
struct IdempotencyKeeper: IdempotencyStore {
    let repository: IdempotencyRepository

    func begin(_ request: IdempotentRequest) async throws -> IdempotencyDecision {
        switch try await repository.begin(key: request.key, principal: request.principal, payload: request.payload) {
        case .new(let claim): .proceed(right(claim))
        case .running: .running
        case .mismatch: .mismatch
        case .replay(let stored):
            .replay(IdempotentAnswer(status: stored.status, fields: stored.headers, body: stored.body))
        }
    }

    private func right(_ claim: IdempotencyClaim) -> IdempotentClaim {
        IdempotentClaim(
            finish: { answer in
                try await repository.finish(
                    claim, with: StoredResponse(status: answer.status, headers: answer.fields, body: answer.body))
            },
            // Where the store cannot be told, the claim ends by its own age.
            abandon: { try? await repository.abandon(claim) })
    }
}
