import Model
import Store
import Synchronization

/// What goes back to the queue untried.
extension DeliveryWorker {
    /// What was taken and not begun goes back as if nothing had been.
    func releaseWaiting() {
        let items = table.withLock { table in table.abandoned.flatMap { table.drain($0) } }
        for item in items { ledger.record(SubmissionResult(item, .released(at: .now()))) }
    }

    /// A server that wants to be left alone gets nothing for a while, and what waits for it is free until then.
    func releaseResting() {
        for (item, until) in table.withLock({ $0.resting(.now()) }) {
            ledger.record(SubmissionResult(item, .released(at: until)))
        }
    }
}
