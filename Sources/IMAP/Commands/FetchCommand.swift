/// FETCH and UID FETCH (RFC 9051, 6.4.5).
///
/// Items that the server does not announce are left out. Its result holds every message; for a whole mailbox take the
/// messages as they come instead.
package struct FetchCommand: IMAPCommand {
    package let messages: MessageSet
    package let items: [FetchItem]
    let changedSince: UInt64?

    package init(_ messages: MessageSet, items: [FetchItem], changedSince: UInt64? = nil) {
        self.messages = messages
        self.items = items
        self.changedSince = changedSince
    }

    package var name: StaticString { messages.isUIDBased ? "UID FETCH" : "FETCH" }

    package var pipelining: PipeliningRule {
        let readsFlags = items.contains(.flags)
        let setsSeen = items.contains { item in
            if case .body(_, _, true) = item { true } else { false }
        }
        var rule = PipeliningRule.messages(messages, readsFlags: readsFlags, changesFlags: setsSeen, mayExpunge: false)
        let asked = messages.isUIDBased ? messages.numbers : .all
        rule.needs.insert(.noFetches(asked))
        rule.does.insert(.fetches(asked))
        return rule
    }

    package var emptyResult: [FetchedMessage] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        encoder.space()
        try encoder.set(messages.numbers)
        encoder.raw(" (")
        let capabilities = encoder.capabilities
        for (index, item) in items.filter({ $0.isKnown(capabilities) }).enumerated() {
            if index > 0 { encoder.space() }
            try item.encode(into: &encoder)
        }
        encoder.raw(")")
        if let changedSince, capabilities.contains(.condStore) {
            encoder.raw(" (CHANGEDSINCE ")
            encoder.number(changedSince)
            encoder.raw(")")
        }
    }

    package func collect(_ response: UntaggedResponse, into result: inout [FetchedMessage]) -> Bool {
        guard case .fetch(let message) = response, isAnswer(message) else { return false }
        if let last = result.last, last.sequence == message.sequence, last.uid == message.uid || message.uid == nil {
            // Some servers spread one message over several responses.
            result[result.count - 1].merge(message)
        } else {
            result.append(message)
        }
        return true
    }

    /// Messages that another client expunged meanwhile are not there, which is no fault (RFC 2180, 4.1.2): Gmail and others
    /// say NO after they sent the rest.
    package func forgives(_ refusal: ResponseText) -> Bool {
        refusal.code == .expungeIssued || refusal.text.lowercased().contains("no longer exist")
    }

    /// Whether this message was asked for here, rather than told unasked.
    package func isAnswer(_ message: FetchedMessage) -> Bool {
        switch messages {
        case .uids(let uids):
            guard let uid = message.uid else { return false }
            // `n:*` names the last message even where its UID is below n (RFC 9051, 9).
            return uids.contains(uid) || uids.last == .max
        case .sequences(let set): return set.contains(message.sequence) || set.last == .max
        }
    }
}

extension FetchedMessage {
    /// Takes over what the other response knows of the same message.
    package mutating func merge(_ other: FetchedMessage) {
        uid = other.uid ?? uid
        flags = other.flags ?? flags
        internalDate = other.internalDate ?? internalDate
        size = other.size ?? size
        envelope = other.envelope ?? envelope
        bodyStructure = other.bodyStructure ?? bodyStructure
        modificationSequence = other.modificationSequence ?? modificationSequence
        if let others = other.extras { extras = (extras ?? FetchedExtras()).merging(others) }
        sections += other.sections
        quirks.formUnion(other.quirks)
        problems += other.problems
    }
}

extension FetchedExtras {
    /// Each item may come in a response of its own, where a server refused them together.
    fileprivate func merging(_ other: FetchedExtras) -> FetchedExtras {
        var merged = self
        merged.emailID = other.emailID ?? emailID
        merged.threadID = other.threadID ?? threadID
        merged.gmailMessageID = other.gmailMessageID ?? gmailMessageID
        merged.gmailThreadID = other.gmailThreadID ?? gmailThreadID
        merged.gmailLabels = other.gmailLabels ?? gmailLabels
        merged.preview = other.preview ?? preview
        merged.saveDate = other.saveDate ?? saveDate
        merged.binarySizes += other.binarySizes.filter { !binarySizes.contains($0) }
        merged.unknown += other.unknown.filter { !unknown.contains($0) }
        return merged
    }
}
