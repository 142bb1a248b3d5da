package import IMAP
package import Model

/// Who does what, given what an IMAP server says it can do: a pure function.
package enum ServerFeatures {
    /// `usesNotify` and `resyncs` say whether the server may, and did, let us have what it announces.
    package static func all(
        _ capabilities: CapabilitySet, usesNotify: Bool = true, resyncs: Bool = true
    ) -> [ServerFeature] {
        func used(_ words: Capability...) -> [String] { words.filter(capabilities.contains).map(\.name) }
        func feature(_ name: ServerFeature.Name, _ words: [String], without: ServerFeature.Support) -> ServerFeature {
            ServerFeature(name, words.isEmpty ? without : .native, words)
        }
        var push = used(.notify, .idle)
        if !usesNotify { push.removeAll { $0 == Capability.notify.name } }
        let ids = used(.objectID, .gmail)
        return [
            feature(.push, push, without: .emulated),
            changes(capabilities, resyncs: resyncs),
            feature(.moves, used(.move), without: .emulated),
            feature(.expunge, used(.uidPlus), without: .emulated),
            feature(.messageIds, ids, without: .emulated),
            feature(.threads, ids, without: .emulated),
            ServerFeature(.search, .native, used(.esearch, .partial)),
            feature(.nativeSearch, used(.gmail), without: .missing),
            feature(.sort, used(.sort, .sortDisplay, .esort), without: .emulated),
            feature(.previews, used(.preview), without: .emulated),
            feature(.saveDates, used(.saveDate), without: .missing),
            feature(.mailboxRoles, used(.specialUse, .xlist), without: .emulated),
            feature(.mailboxCounts, used(.listStatus), without: .emulated),
            feature(.attachments, used(.binary), without: .emulated),
            feature(.drafts, used(.replace), without: .emulated),
            feature(.rights, used(.acl, .listMyRights), without: .missing),
            feature(.quota, used(.quota), without: .missing),
            ServerFeature(.mailboxes, .native),
            ServerFeature(.keywords, .native),
            ServerFeature(.sentCopies, .native),
        ]
    }

    /// The same of a POP3 server, whose capabilities are these words; servers without CAPA name none.
    package static func maildrop(_ capabilities: [String]) -> [ServerFeature] {
        func emulated(_ name: ServerFeature.Name, by words: String...) -> ServerFeature {
            ServerFeature(name, .emulated, words.filter(capabilities.contains))
        }
        return ServerFeature.Name.allCases.map { name in
            switch name {
            case .push, .messageIds, .threads, .mailboxRoles, .keywords: emulated(name)
            case .changes: emulated(name, by: "UIDL")
            case .search, .sort, .previews: emulated(name, by: "TOP")
            case .attachments: emulated(name)
            case .expunge, .mailboxCounts: ServerFeature(name, .native)
            case .moves, .nativeSearch, .saveDates, .drafts, .rights, .quota, .mailboxes, .sentCopies:
                ServerFeature(name, .missing)
            }
        }
    }

    /// With CONDSTORE alone the server tells what changed, and what vanished is found here (RFC 7162).
    private static func changes(_ capabilities: CapabilitySet, resyncs: Bool) -> ServerFeature {
        if resyncs, capabilities.contains(.qresync) {
            return ServerFeature(.changes, .native, [Capability.qresync.name])
        }
        let isPartly = capabilities.contains(.condStore) || capabilities.contains(.qresync)
        return ServerFeature(.changes, .emulated, isPartly ? [Capability.condStore.name] : [])
    }
}
