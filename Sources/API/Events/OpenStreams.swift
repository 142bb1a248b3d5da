import Synchronization

/// How many event streams are open.
package final class OpenStreams: Sendable {
    private let number = Atomic(0)

    package init() {}

    package var count: Int { number.load(ordering: .relaxed) }

    func during(_ body: () async throws -> Void) async throws {
        number.add(1, ordering: .relaxed)
        defer { number.subtract(1, ordering: .relaxed) }
        try await body()
    }
}
