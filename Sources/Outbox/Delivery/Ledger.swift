import Model
import Store
import Synchronization

/// What deliveries want written: gathered here, written by the worker's next turn, many at once.
final class Ledger: Sendable {
    fileprivate struct Mark {
        var items: [ClaimedSubmission]
        var continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct State {
        var marks: [Mark] = []
        var results: [SubmissionResult] = []
        var isClosed = false
    }

    /// One turn's share of it.
    struct Page {
        fileprivate var marks: [Mark]
        var results: [SubmissionResult]

        var turn: SubmissionTurn {
            var turn = SubmissionTurn()
            turn.marks = marks.flatMap(\.items)
            turn.results = results
            return turn
        }

        /// Answers those who wait for their marks: written, but for lost ones.
        func finish(lost: Set<SubmissionID>) {
            for mark in marks {
                if let item = mark.items.first(where: { lost.contains($0.lease.id) }) {
                    mark.continuation.resume(throwing: StoreError.leaseLost(item.lease.id))
                } else {
                    mark.continuation.resume()
                }
            }
        }

        func fail(_ error: any Error) {
            for mark in marks { mark.continuation.resume(throwing: error) }
        }
    }

    private let state = Mutex(State())
    private let ring: @Sendable () -> Void

    init(ring: @escaping @Sendable () -> Void) { self.ring = ring }

    /// Returns when it is on the disk that the outcome of these is in doubt; throws where it is not.
    func mark(_ items: [ClaimedSubmission]) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.marks.append(Mark(items: items, continuation: continuation)) }
                return state.isClosed
            }
            if isClosed { continuation.resume(throwing: CancellationError()) } else { ring() }
        }
    }

    /// Notes how work ended; it is on the disk before any mark that is asked for later.
    func record(_ result: SubmissionResult) {
        state.withLock { $0.results.append(result) }
        ring()
    }

    var isEmpty: Bool { state.withLock { $0.marks.isEmpty && $0.results.isEmpty } }

    func takePage() -> Page {
        state.withLock { state in
            defer {
                state.marks = []
                state.results = []
            }
            return Page(marks: state.marks, results: state.results)
        }
    }

    /// Results that could not be written yet.
    func putBack(_ results: [SubmissionResult]) { state.withLock { $0.results = results + $0.results } }

    /// No turn will come any more.
    func close() {
        let marks = state.withLock { state in
            state.isClosed = true
            defer { state.marks = [] }
            return state.marks
        }
        for mark in marks { mark.continuation.resume(throwing: CancellationError()) }
    }
}
