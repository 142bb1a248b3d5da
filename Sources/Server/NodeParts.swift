import Accounts
import Events
import Logging
import Model
import Nodes
import Outbox
import Store
import Sync
import Webhooks

/// This process among the others on the same store: what it hears of them, and what follows from how it stands with them.
struct NodeParts {
    let keeper: NodeKeeper
    private let store: MailStore
    private let sync: SyncEngine
    private let worker: DeliveryWorker
    private let dispatcher: WebhookDispatcher
    private let directory: AccountDirectory
    private let tokens: TokenService
    private let logger: Logger

    init(
        keeper: NodeKeeper, store: MailStore, sync: SyncEngine, worker: DeliveryWorker, dispatcher: WebhookDispatcher,
        directory: AccountDirectory, tokens: TokenService, logger: Logger
    ) {
        self.keeper = keeper
        self.store = store
        self.sync = sync
        self.worker = worker
        self.dispatcher = dispatcher
        self.directory = directory
        self.tokens = tokens
        self.logger = logger
        keeper.onChange { [self] change in await heed(change) }
        store.listen { [self] news in hear(news) }
    }

    private func heed(_ change: NodeKeeper.Change) async {
        switch change {
        case .certain:
            worker.resume()
            dispatcher.resume()
            sync.look()
        case .uncertain, .struckOut: await sync.suspend()
        case .keyless:
            worker.suspend()
            dispatcher.suspend()
            await sync.suspend()
        case .othersDied:
            sync.look()
            worker.nodesDied()
            dispatcher.nodesDied()
        }
    }

    private func hear(_ news: StoreNews) {
        switch news {
        case .events: store.events.signal.ring()
        case .submissions: worker.look()
        case .webhooks: dispatcher.webhooksChanged()
        case .leases: sync.look()
        case .tokens:
            tokens.forgetAll()
            // Streams ask again whether they may go on.
            store.events.signal.ring()
        case .accountChanged(let id):
            Task(name: "account changed") { await directory.announce(.changed, of: id, isNews: false) }
        case .accountDeleted(let id):
            Task(name: "account deleted") { await directory.announce(.deleted, of: id, isNews: false) }
        case .mailChanged(let id): sync.poke(id)
        case .interrupted:
            // Whatever was told meanwhile: everybody looks for himself.
            tokens.forgetAll()
            directory.forgetAll()
            store.events.signal.ring()
            worker.look()
            dispatcher.webhooksChanged()
            sync.look()
        }
    }
}
