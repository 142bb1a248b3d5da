import Logging
import Model
import Store
import Synchronization

/// What follows from how this node and the others are.
extension DeliveryWorker {
    /// Other nodes have died: what they had claimed is looked for now.
    package func nodesDied() {
        mustRecover.set()
        wakeUp.ring()
    }

    /// This node cannot open what is in the store: it takes nothing and gives back what it has not begun, until `resume`.
    package func suspend() {
        table.withLock { $0.isSuspended = true }
        wakeUp.ring()
    }

    package func resume() {
        table.withLock { $0.isSuspended = false }
        look()
    }

    /// Puts back what was claimed and never finished, because its process died or the store did not answer.
    func recover() async throws {
        for recovered in [
            try await store.submissions.recoverDead(besides: owner),
            try await store.submissions.recover(expiredBy: .now()),
        ] {
            for id in recovered.unopened.sorted() {
                logger.error(
                    "an interrupted submission cannot be opened, and stays as it is", metadata: ["submission": "\(id)"])
            }
            guard !recovered.requeued.isEmpty || !recovered.unknown.isEmpty else { continue }
            logger.notice(
                "recovered interrupted submissions",
                metadata: ["requeued": "\(recovered.requeued.count)", "unknown": "\(recovered.unknown.count)"])
            mustLook.set()
        }
    }
}
