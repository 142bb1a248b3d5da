/// UID FETCH of what changed since a modification sequence, and of what vanished (RFC 7162, 3.1.4 and 3.2.6).
package struct FetchChangesCommand: IMAPCommand {
    let uids: UIDSet
    let items: [FetchItem]
    let modificationSequence: UInt64
    let wantsVanished: Bool

    /// Every UID there can be, and no `*`: that is the last message that there is, so a server (Cyrus) does not tell with
    /// `1:*` that the last one has vanished.
    package static let everyUID = UIDSet(1...(.max - 1))

    /// `wantsVanished` needs QRESYNC to be enabled; without it expunged messages are not told.
    package init(
        _ uids: UIDSet = everyUID, items: [FetchItem] = [.uid, .flags, .modificationSequence],
        since modificationSequence: UInt64, wantsVanished: Bool
    ) {
        self.uids = uids
        self.items = items
        self.modificationSequence = modificationSequence
        self.wantsVanished = wantsVanished
    }

    /// What changed, and the UIDs that are gone.
    package struct Result: Sendable, Equatable {
        package var changed: [FetchedMessage] = []
        package var vanished = UIDSet()
    }

    package var name: StaticString { "UID FETCH" }
    package var pipelining: PipeliningRule { .messages(.uids(uids), readsFlags: true, mayExpunge: true) }
    package var emptyResult: Result { Result() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        let capabilities = encoder.capabilities
        guard capabilities.contains(.condStore) || capabilities.contains(.qresync) else {
            throw .unsupported(.condStore)
        }
        if wantsVanished, !capabilities.contains(.qresync) { throw .unsupported(.qresync) }
        encoder.raw("UID FETCH ")
        try encoder.set(uids)
        encoder.raw(" (")
        for (index, item) in items.filter({ $0.isKnown(capabilities) }).enumerated() {
            if index > 0 { encoder.space() }
            try item.encode(into: &encoder)
        }
        encoder.raw(") (CHANGEDSINCE ")
        encoder.number(modificationSequence)
        if wantsVanished { encoder.raw(" VANISHED") }
        encoder.raw(")")
    }

    package func collect(_ response: UntaggedResponse, into result: inout Result) -> Bool {
        switch response {
        case .vanished(earlier: true, let gone):
            result.vanished = NumberSet(ranges: result.vanished.ranges + gone.ranges)
        case .fetch(let message):
            guard let uid = message.uid, uids.contains(uid) || uids.last == .max else { return false }
            result.changed.append(message)
        default: return false
        }
        return true
    }
}
