import Logging
import MailClient
import Model
import Store
import Synchronization

/// Keeps one POP3 account up to date for as long as its task is not cancelled: looks, waits, looks again.
struct MaildropWorker {
    let sync: AccountSync
    let retention: Retention
    let pokes: Pokes
    let noteSyncing: @Sendable (AccountID, Bool) async -> Void

    /// Returns when the task is cancelled or the lease is lost.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            // Who asks while we look wants to be heard after it.
            _ = pokes.take(sync.account)
            do {
                sync.board.enter(.syncing, sync.account)
                try await MaildropPass(sync: sync, retention: retention, noteSyncing: noteSyncing).run()
                backoff.succeed()
                sync.board.enter(.watching, sync.account)
                sync.board.update(sync.account) { status in
                    status.watching = .polling
                    status.lastError = nil
                    status.nextAttemptAt = nil
                }
                // Accounts that were made together must not ask together ever after.
                await wait(sync.pollInterval * Double.random(in: 0.9...1.1), endsOnPoke: true)
            } catch {
                if Task.isCancelled { return }
                if case .accountLeaseLost? = error as? StoreError { return }
                let fault = error as? MailClientError
                guard fault?.isBusyMaildrop != true else {
                    // Somebody else reads his mail: that is no fault.
                    sync.board.enter(.watching, sync.account)
                    // Where it is too early, each try makes it later.
                    let isEarly =
                        if case .rejected(_, MailClientError.loginDelay, _)? = fault { true } else { false }
                    let pause = isEarly ? sync.pollInterval : min(sync.pollInterval, Limits.busyMaildropPause)
                    await wait(max(pause, fault?.suggestedPause ?? .zero), endsOnPoke: false)
                    continue
                }
                await pause(&backoff, after: error, fault)
            }
        }
    }

    private func pause(_ backoff: inout Backoff, after error: any Error, _ fault: MailClientError?) async {
        let pause = backoff.fail(isRefusal: fault?.isAuthentication ?? false, jitter: .random(in: 0...1))
        sync.board.enter(.backingOff, sync.account)
        sync.board.update(sync.account) { status in
            status.nextAttemptAt = Timestamp.now().advanced(by: pause)
            status.lastError = AccountFault(
                mailProtocol: .pop3, code: fault?.code ?? "internal",
                text: fault.map { "\($0)" } ?? "\(type(of: error))",
                at: .now())
        }
        if fault == nil {
            sync.logger.warning("sync failed", metadata: ["account": "\(sync.account)", "error": "\(error)"])
        }
        await wait(pause, endsOnPoke: false)
    }

    private func wait(_ time: Duration, endsOnPoke: Bool) async {
        let sleep = Task(name: "pop3 pause") { try? await ContinuousClock().sleep(for: time) }
        if endsOnPoke { pokes.onPoke(sync.account) { sleep.cancel() } }
        await withTaskCancellationHandler {
            await sleep.value
        } onCancel: {
            sleep.cancel()
        }
        if endsOnPoke { pokes.onPoke(sync.account, nil) }
    }
}
