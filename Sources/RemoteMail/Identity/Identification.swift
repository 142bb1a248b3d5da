import MailClient
import Mapping
import Model
import Store

extension MailService {
    /// Messages as the index knows them: with the ids, conversations and mailboxes that they have wherever they are read.
    ///
    /// Those that it does not know yet it knows from now on, so that their ids lead back to them.
    func identified(_ messages: [Message], of account: AccountID) async throws -> [Message] {
        struct Source: Hashable {
            let mailbox: MailboxID
            let uidValidity: UInt32
        }
        var seen: [Source: [SeenMessage]] = [:]
        for message in messages {
            guard let place = message.place, let identity = message.identity else { continue }
            seen[Source(mailbox: place.mailbox, uidValidity: place.uidValidity), default: []].append(
                SeenMessage(
                    uid: place.uid, identity: identity, keywords: message.keywords, receivedAt: message.receivedAt,
                    size: message.size))
        }
        var known: [MessagePlace: IndexedMessage] = [:]
        for (source, messages) in seen {
            let indexed = try await index.adopt(
                messages, in: source.mailbox, uidValidity: source.uidValidity, of: account)
            for (uid, message) in indexed {
                known[MessagePlace(mailbox: source.mailbox, uidValidity: source.uidValidity, uid: uid)] = message
            }
        }
        return messages.map { message in
            guard let place = message.place, let indexed = known[place] else { return message }
            var message = message
            message.id = indexed.email
            message.threadID = indexed.thread
            // Where we have just moved it away from is not told any more; where it is now, always.
            message.mailboxIDs = Set(indexed.mailboxes).union([place.mailbox]).sorted()
            return message
        }
    }

    func identified(_ message: Message, of account: AccountID) async throws -> Message {
        try await identified([message], of: account).first ?? message
    }

    /// Where the message is that a caller names, the mailbox to avoid last.
    ///
    /// While the account is read for the first time an id from earlier, or from another node, may lead nowhere yet: that is waited
    /// for, and told as `accountSyncing` where it takes too long.
    func places(
        of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [MessagePlace] {
        guard id.isPlausible else { throw RemoteMailError.messageNotFound(id) }
        let places = try await whenIndexed(account, deadline) { try await index.places(of: id, in: account) }
        guard let places else { throw RemoteMailError.messageNotFound(id) }
        return places
    }

    /// Asks the index until it has an answer or knows all there is; nil where there is none.
    func whenIndexed<Element>(
        _ account: AccountID, _ deadline: ContinuousClock.Instant, _ find: () async throws -> [Element]
    ) async throws -> [Element]? {
        var hasAsked = false
        while true {
            // In this order: what is indexed between the two questions is found by the next round.
            let isComplete = try await index.isComplete(account)
            let found = try await find()
            if !found.isEmpty { return found }
            if isComplete { return nil }
            // A server that cannot be reached is a better answer than time that ran out.
            if !hasAsked { _ = try await listMailboxes(of: account, deadline: deadline) }
            hasAsked = true
            guard ContinuousClock.now.advanced(by: Limits.indexLook) < deadline else {
                throw RemoteMailError.accountSyncing(account)
            }
            try await ContinuousClock().sleep(for: Limits.indexLook)
        }
    }
}

extension EmailID {
    /// Whether it can be an id of ours: objectid of RFC 8474, a number of Gmail's, or a digest.
    fileprivate var isPlausible: Bool {
        (1...255).contains(rawValue.utf8.count)
            && rawValue.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
    }
}
