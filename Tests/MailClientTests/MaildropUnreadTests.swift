import MailClient
import POP3
import Synchronization
import Testing
import Transport

/// How long messages are waited for that a server lists and does not give.
@Suite struct MaildropUnreadTests {
    /// A clock that stands until it is told what it is.
    private final class Clock: Sendable {
        private let start = Deadline.now
        private let seconds = Mutex(0)

        var now: Deadline { start.advanced(by: .seconds(seconds.withLock { $0 })) }
        func set(_ seconds: Int) { self.seconds.withLock { $0 = seconds } }
    }

    private let clock = Clock()
    private let unread: UnreadMessages

    init() {
        let clock = clock
        unread = UnreadMessages(patience: .seconds(600)) { clock.now }
    }

    private func listing(_ list: (String?, Int)...) -> [POP3Entry] {
        list.enumerated().map { POP3Entry(number: $0 + 1, size: $1.1, uniqueID: $1.0) }
    }

    /// A session that asks for all that it lists.
    private func session(_ listing: [POP3Entry], refused: Set<Int>) {
        unread.begin(listing)
        unread.note(listing, of: listing, read: Set(listing.map(\.number)).subtracting(refused), refused: refused)
    }

    private func givenUp(_ listing: [POP3Entry]) -> [Int] { listing.filter(unread.isGivenUp).map(\.number) }

    @Test func `it counts from when the server first did not give it`() {
        let listed = listing(("a", 10), ("b", 10))
        clock.set(5_000)
        session(listed, refused: [])
        #expect(givenUp(listed).isEmpty)
        session(listed, refused: [2])
        clock.set(5_599)
        session(listed, refused: [1, 2])
        #expect(givenUp(listed).isEmpty)
        clock.set(5_600)
        #expect(givenUp(listed) == [2])
        // It was given after all: then it counts anew.
        session(listed, refused: [1])
        session(listed, refused: [1, 2])
        #expect(givenUp(listed).isEmpty)
        clock.set(6_199)
        #expect(givenUp(listed) == [1])
    }

    @Test func `of one size without unique ids all are waited for as long as the latest`() {
        session(listing((nil, 10)), refused: [1])
        clock.set(600)
        #expect(givenUp(listing((nil, 10))) == [1])
        let both = listing((nil, 10), (nil, 10), (nil, 20))
        session(both, refused: [1, 2])
        #expect(givenUp(both).isEmpty)
        clock.set(1_199)
        session(both, refused: [1, 2])
        #expect(givenUp(both).isEmpty)
        clock.set(1_200)
        #expect(givenUp(both) == [1, 2])
    }

    /// Reading the others, in the same session before or after, says nothing of it.
    @Test func `one that was given does not stand for another of its size`() {
        let listed = listing((nil, 10), (nil, 10))
        session(listed, refused: [2])
        clock.set(600)
        unread.begin(listed)
        unread.note([listed[0]], of: listed, read: [1], refused: [])
        #expect(givenUp(listed) == [1, 2])
        unread.note([listed[1]], of: listed, read: [1], refused: [2])
        #expect(givenUp(listed) == [1, 2])
        unread.note([listed[1]], of: listed, read: [1, 2], refused: [])
        #expect(givenUp(listed).isEmpty)
    }

    @Test func `what is not listed any more is forgotten`() {
        session(listing(("a", 10), (nil, 20)), refused: [1, 2])
        clock.set(600)
        unread.begin(listing(("b", 10)))
        let again = listing(("a", 10), (nil, 20))
        session(again, refused: [1, 2])
        #expect(givenUp(again).isEmpty)
    }
}
