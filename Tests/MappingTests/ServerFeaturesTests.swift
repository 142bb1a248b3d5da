import IMAP
import Mapping
import Model
import Testing

/// Who does what for an account.
@Suite struct `The features of a server` {
    private func feature(
        _ name: ServerFeature.Name, _ words: Capability..., usesNotify: Bool = true, resyncs: Bool = true
    ) -> ServerFeature? {
        ServerFeatures.all(CapabilitySet(words), usesNotify: usesNotify, resyncs: resyncs).first { $0.name == name }
    }

    @Test func `are all named, whatever the server says`() {
        for words in [[], [Capability.imap4rev2], [.idle, .gmail, .quota]] {
            #expect(ServerFeatures.all(CapabilitySet(words)).map(\.name) == ServerFeature.Name.allCases)
        }
    }

    @Test func `are emulated where the bare protocol has no word for them, or missing`() {
        let all = ServerFeatures.all(CapabilitySet([Capability.imap4rev1]))
        #expect(all.filter { $0.support == .missing }.map(\.name) == [.nativeSearch, .saveDates, .rights, .quota])
        #expect(
            all.filter { $0.support == .native }.map(\.name) == [.search, .mailboxes, .keywords, .sentCopies])
        #expect(all.flatMap(\.extensions).isEmpty)
    }

    @Test func `are mostly emulated or missing with POP3`() {
        let all = ServerFeatures.maildrop(["UIDL", "TOP", "PIPELINING"])
        #expect(all.map(\.name) == ServerFeature.Name.allCases)
        #expect(all.filter { $0.support == .native }.map(\.name) == [.expunge, .mailboxCounts])
        #expect(all.contains(ServerFeature(.changes, .emulated, ["UIDL"])))
        #expect(all.contains(ServerFeature(.sentCopies, .missing)))
    }

    @Test func `count what IMAP4rev2 contains`() {
        #expect(feature(.moves, .imap4rev2)?.support == .native)
        #expect(feature(.push, .imap4rev2)?.extensions == ["IDLE"])
        #expect(feature(.changes, .imap4rev2)?.support == .emulated)
    }

    @Test func `name the extensions that are used, and no others`() {
        #expect(feature(.push, .idle, .notify) == ServerFeature(.push, .native, ["NOTIFY", "IDLE"]))
        #expect(feature(.push, .idle, .notify, usesNotify: false) == ServerFeature(.push, .native, ["IDLE"]))
        #expect(feature(.push, .notify, usesNotify: false) == ServerFeature(.push, .emulated))
        #expect(feature(.changes, .condStore, .qresync) == ServerFeature(.changes, .native, ["QRESYNC"]))
        #expect(feature(.changes, .qresync, resyncs: false) == ServerFeature(.changes, .emulated, ["CONDSTORE"]))
        #expect(feature(.changes, .condStore) == ServerFeature(.changes, .emulated, ["CONDSTORE"]))
        #expect(feature(.messageIds, .gmail) == ServerFeature(.messageIds, .native, ["X-GM-EXT-1"]))
        #expect(feature(.quota, .quota)?.support == .native && feature(.rights, .acl)?.support == .native)
        #expect(feature(.saveDates, .saveDate) == ServerFeature(.saveDates, .native, ["SAVEDATE"]))
    }
}
