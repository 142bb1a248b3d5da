import IMAP
import Mapping
import Model
import Synchronization

/// The page that was read last in each of the mailboxes that are listed again and again, for a short while.
///
/// What a list shows of a message is the same as long as its UID is, but for its flags (RFC 9051, 2.3.1.1 and 7.5.2). So the next
/// list asks for those, and for the size, which shows servers that edit drafts in place.
final class ListedPages: Sendable {
    struct Key: Hashable {
        let account: AccountID
        let mailbox: MailboxID
        let uidValidity: UInt32
        /// What was asked for of each message.
        let items: [FetchItem]
    }

    fileprivate struct Page {
        var messages: [UInt32: Message]
        var readAt: ContinuousClock.Instant
    }

    /// What changes of a message, and what shows that it is another.
    static let items: [FetchItem] = [.uid, .flags, .size]

    fileprivate struct State {
        var pages: [Key: Page] = [:]
        /// Whether a task waits for the oldest page's time to end.
        var isSwept = false
    }

    private let state = Mutex(State())

    /// Nil where one of them is not known.
    func messages(_ uids: [UInt32], _ key: Key) -> [UInt32: Message]? {
        state.withLock { state in
            guard let page = state.pages[key], uids.allSatisfy({ page.messages[$0] != nil }) else { return nil }
            return page.messages
        }
    }

    /// One that could not be read whole may be readable the next time, and is no part of it.
    func keep(_ messages: [UInt32: Message], _ key: Key) {
        let sound = messages.filter { $1.problems.isEmpty }
        let octets = sound.values.reduce(0) { $0 + $1.listedOctets }
        guard sound.count <= Limits.listedPage, octets <= Limits.listedPageOctets else { return }
        let isSwept = state.withLock { state in
            state.pages[key] = Page(messages: sound, readAt: .now)
            if state.pages.count > Limits.listedPages, let oldest = state.oldest { state.pages[oldest.key] = nil }
            defer { state.isSwept = true }
            return state.isSwept
        }
        if !isSwept { Task(name: "listed pages") { await sweep() } }
    }

    func forget(_ account: AccountID) {
        state.withLock { state in state.pages = state.pages.filter { $0.key.account != account } }
    }

    /// Removes each page when its time is over, until there is none.
    private func sweep() async {
        while let next = state.withLock({ $0.removeOld() }) {
            try? await ContinuousClock().sleep(until: next)
        }
    }
}

extension ListedPages.State {
    fileprivate var oldest: (key: ListedPages.Key, value: ListedPages.Page)? {
        pages.min { $0.value.readAt < $1.value.readAt }
    }

    /// When the next page is too old; nil where there is none, so that nobody waits for it.
    fileprivate mutating func removeOld() -> ContinuousClock.Instant? {
        pages = pages.filter { $0.value.readAt.duration(to: .now) < Limits.listedPageAge }
        let next = oldest?.value.readAt.advanced(by: Limits.listedPageAge)
        if next == nil { isSwept = false }
        return next
    }
}

extension Message {
    /// What a page shows of it takes about so much memory: a header may be of any size.
    fileprivate var listedOctets: Int {
        var octets = 500
        for people in [from, sender, to, cc, bcc, replyTo] {
            for person in people { octets += 64 + person.email.utf8.count + (person.name ?? "").utf8.count }
        }
        for words in [references, inReplyTo] {
            for word in words { octets += 32 + word.utf8.count }
        }
        for attachment in attachments { octets += 200 + attachment.name.utf8.count }
        return octets + (subject ?? "").utf8.count + (preview ?? "").utf8.count
    }
}

extension [UInt32: Message] {
    /// The same messages as they are now; nil where one of them is gone, or is another.
    func with(_ fetched: [FetchedMessage]) -> Self? {
        var messages: Self = [:]
        for item in fetched {
            guard let uid = item.uid, var message = self[uid], item.size.map({ Int(clamping: $0) }) == message.size,
                let flags = item.flags
            else { return nil }
            message.keywords = Keywords.list(of: flags)
            messages[uid] = message
        }
        return messages
    }
}
