/// Asks again and again until the answer is the one that is waited for, and fails when it does not come in time.
///
/// Mail is handed on by processes that tell nobody when they are done, so some things can only be asked for. The limit is one that
/// only a fault needs, however busy the machine is.
@discardableResult
package func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), _ probe: () async throws -> Value,
    until isDone: (Value) throws -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        let value = try await probe()
        if try isDone(value) { return value }
        guard ContinuousClock.now < end else { throw ServerFailure("After \(limit) still not: \(what): \(value)") }
        // Sound: a pause between two questions, not a wait for luck: the condition above decides.
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The same for a condition that only has to hold.
package func eventually(
    _ what: String, within limit: Duration = .seconds(60), holds condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, condition, until: { $0 })
}
