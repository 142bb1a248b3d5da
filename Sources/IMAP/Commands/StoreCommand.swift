/// STORE and UID STORE of flags (RFC 9051, 6.4.6), silent: the result is what the server tells all the same.
package struct StoreCommand: IMAPCommand {
    /// `+FLAGS`, `-FLAGS`, `FLAGS`.
    package enum Change: Sendable, Hashable {
        case add
        case remove
        case replace
    }

    private let messages: MessageSet
    private let change: Change
    private let flags: [Flag]
    private let unchangedSince: UInt64?

    /// With `unchangedSince` (CONDSTORE) messages changed meanwhile are left alone and named in the result's `modified`.
    package init(_ messages: MessageSet, _ change: Change, _ flags: [Flag], unchangedSince: UInt64? = nil) {
        self.messages = messages
        self.change = change
        self.flags = flags
        self.unchangedSince = unchangedSince
    }

    /// What the server told, and what UNCHANGEDSINCE kept it from.
    package struct Result: Sendable, Equatable {
        package var messages: [FetchedMessage] = []
        package var modified: NumberSet?
    }

    package var name: StaticString { messages.isUIDBased ? "UID STORE" : "STORE" }
    package var pipelining: PipeliningRule { .messages(messages, changesFlags: true, mayExpunge: false) }
    package var emptyResult: Result { Result() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        encoder.space()
        try encoder.set(messages.numbers)
        if let unchangedSince {
            guard encoder.capabilities.contains(.condStore) else { throw .unsupported(.condStore) }
            encoder.raw(" (UNCHANGEDSINCE ")
            encoder.number(unchangedSince)
            encoder.raw(")")
        }
        switch change {
        case .add: encoder.raw(" +FLAGS.SILENT ")
        case .remove: encoder.raw(" -FLAGS.SILENT ")
        case .replace: encoder.raw(" FLAGS.SILENT ")
        }
        try encoder.flags(flags)
    }

    package func collect(_ response: UntaggedResponse, into result: inout Result) -> Bool {
        guard case .fetch(let message) = response else { return false }
        switch messages {
        case .uids(let uids):
            guard let uid = message.uid, uids.contains(uid) else { return false }
        case .sequences(let set):
            guard set.contains(message.sequence) else { return false }
        }
        result.messages.append(message)
        return true
    }

    package func finish(_ result: inout Result, with text: ResponseText) {
        if case .modified(let set) = text.code { result.modified = set }
    }
}
