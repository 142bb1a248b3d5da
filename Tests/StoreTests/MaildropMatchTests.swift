import Model
import Store
import Testing

@Suite struct `Messages of a maildrop` {
    private func entries(_ list: (String?, Int)...) -> [MaildropEntry] {
        list.enumerated().map { MaildropEntry(number: $0 + 1, size: $1.1, uniqueID: $1.0) }
    }

    private func row(_ key: String, _ uid: UInt32, _ size: Int, _ fingerprint: String? = nil) -> MaildropRow {
        MaildropRow(key: key, uid: uid, size: size, fingerprint: fingerprint)
    }

    @Test func `are known by unique id and size, whatever their numbers, without a look into them`() {
        let match = MaildropMatch(
            entries(("b", 2), ("c", 3), ("n", 9)), rows: [row("a", 1, 1), row("b", 2, 2), row("c", 3, 3)],
            fingerprints: [3: "new"])
        #expect(match.verdicts == [1: .known(2), 2: .known(3), 3: .new])
        let first = MaildropMatch(entries(("a", 1), ("b", 2)), rows: [])
        #expect(first.verdicts == [1: .new, 2: .new] && first.undecided.isEmpty)
        let grown = MaildropMatch(entries(("a", 1), ("b", 2)), rows: [row("a", 1, 1)])
        #expect(grown.verdicts == [1: .known(1), 2: .new] && grown.undecided.isEmpty)
    }

    @Test func `are looked into where some are missing and others unknown`() {
        let rows = [row("a", 1, 1, "A"), row("b", 2, 2, "B")]
        let listed = entries(("x", 1), ("b", 2))
        #expect(MaildropMatch(listed, rows: rows).undecided == [1])
        #expect(
            MaildropMatch(listed, rows: rows, fingerprints: [1: "A"]).verdicts == [
                1: .changed(1, from: "a"), 2: .known(2),
            ])
        #expect(MaildropMatch(listed, rows: rows, fingerprints: [1: "Z"]).verdicts == [1: .new, 2: .known(2)])
    }

    /// RFC 1939 forbids it, and servers do it.
    @Test func `are others where a unique id was given away`() {
        let rows = [row("a", 1, 100, "A")]
        let match = MaildropMatch(entries(("a", 200)), rows: rows, fingerprints: [1: "B"])
        #expect(match.verdicts == [1: .new])
        // The same message, of which only the estimate of the size is another.
        #expect(
            MaildropMatch(entries(("a", 101)), rows: rows, fingerprints: [1: "A"]).verdicts == [
                1: .changed(1, from: "a")
            ])
        // It was never read: nobody can say that it is the same.
        #expect(
            MaildropMatch(entries(("a", 101)), rows: [row("a", 1, 100)], fingerprints: [1: "A"]).verdicts == [1: .new])
    }

    /// Such servers name each message by its number in this session.
    @Test func `are followed where the ids are the numbers`() {
        let rows = [row("1", 1, 10, "A"), row("2", 2, 20, "B"), row("3", 3, 30, "C")]
        let match = MaildropMatch(
            entries(("1", 20), ("2", 30), ("3", 40)), rows: rows, fingerprints: [1: "B", 2: "C", 3: "D"])
        #expect(match.verdicts == [1: .changed(2, from: "2"), 2: .changed(3, from: "3"), 3: .new])
    }

    /// Sizes do not tell that they moved up: the last that seems to be known does, and only that is read where nothing has moved.
    @Test func `are followed where the ids are the numbers and all are of one size`() {
        let rows = [row("1", 1, 10, "A"), row("2", 2, 10, "B"), row("3", 3, 10, "C")]
        let left = entries(("1", 10), ("2", 10))
        #expect(MaildropMatch(left, rows: rows).undecided == [2])
        // The last one went.
        #expect(
            MaildropMatch(left, rows: rows, fingerprints: [2: "B"]).verdicts == [1: .known(1), 2: .known(2)])
        // The first one, or the second, went.
        #expect(MaildropMatch(left, rows: rows, fingerprints: [2: "C"]).undecided == [1])
        #expect(
            MaildropMatch(left, rows: rows, fingerprints: [1: "B", 2: "C"]).verdicts == [
                1: .changed(2, from: "2"), 2: .changed(3, from: "3"),
            ])
        #expect(
            MaildropMatch(left, rows: rows, fingerprints: [1: "A", 2: "C"]).verdicts == [
                1: .known(1), 2: .changed(3, from: "3"),
            ])
        // One went and two came, so that it looks as if one had come.
        let grown = entries(("1", 10), ("2", 10), ("3", 10), ("4", 10))
        #expect(MaildropMatch(grown, rows: rows).undecided == [3])
        #expect(
            MaildropMatch(grown, rows: rows, fingerprints: [1: "B", 2: "C", 3: "D", 4: "E"]).verdicts == [
                1: .changed(2, from: "2"), 2: .changed(3, from: "3"), 3: .new, 4: .new,
            ])
        let fine = MaildropMatch(grown, rows: rows, fingerprints: [3: "C"])
        #expect(fine.verdicts == [1: .known(1), 2: .known(2), 3: .known(3), 4: .new] && fine.undecided.isEmpty)
    }

    @Test func `are followed where numbers are swapped`() {
        let rows = [row("1", 1, 10, "A"), row("2", 2, 20, "B"), row("3", 3, 30, "C")]
        let match = MaildropMatch(
            entries(("1", 30), ("2", 20), ("3", 10)), rows: rows, fingerprints: [1: "C", 2: "B", 3: "A"])
        #expect(match.verdicts == [1: .changed(3, from: "3"), 2: .known(2), 3: .changed(1, from: "1")])
        let alike = [row("1", 1, 10, "A"), row("2", 2, 10, "B")]
        let swapped = entries(("1", 10), ("2", 10))
        #expect(MaildropMatch(swapped, rows: alike, fingerprints: [2: "A"]).undecided == [1])
        #expect(
            MaildropMatch(swapped, rows: alike, fingerprints: [1: "B", 2: "A"]).verdicts == [
                1: .changed(2, from: "2"), 2: .changed(1, from: "1"),
            ])
    }

    /// While a maildrop is read for the first time most headers are unknown: then the id and the size are all there is.
    @Test func `that were never read are taken for the same where id and size are, and for new ones else`() {
        let rows = [row("1", 1, 10), row("2", 2, 20), row("3", 3, 30, "C")]
        let match = MaildropMatch(
            entries(("1", 10), ("2", 30), ("3", 40)), rows: rows, fingerprints: [1: "A", 2: "C", 3: "D"])
        #expect(match.verdicts == [1: .known(1), 2: .changed(3, from: "3"), 3: .new])
        let named = MaildropMatch(
            entries(("x", 10), ("b", 20)), rows: [row("a", 1, 10), row("b", 2, 20)], fingerprints: [1: "A"])
        #expect(named.verdicts == [1: .new, 2: .known(2)])
    }

    @Test func `are not looked into again where nothing has changed, but for one where the ids are the numbers`() {
        let named = [row("a", 1, 10, "A"), row("b", 2, 10, "B")]
        let known: [Int: MaildropMatch.Verdict] = [1: .known(1), 2: .known(2)]
        #expect(MaildropMatch(entries(("a", 10), ("b", 10)), rows: named).verdicts == known)
        let listed = entries(("1", 10), ("2", 10))
        #expect(MaildropMatch(listed, rows: [row("1", 1, 10), row("2", 2, 10)]).verdicts == known)
        let rows = [row("1", 1, 10, "A"), row("2", 2, 10, "B")]
        #expect(MaildropMatch(listed, rows: rows).undecided == [2])
        #expect(MaildropMatch(listed, rows: rows, fingerprints: [2: "B"]).verdicts == known)
        #expect(MaildropMatch([], rows: rows).undecided.isEmpty)
    }

    @Test func `of which two are alike are told apart by their size, then by their order`() {
        let rows = [row("a", 1, 10, "A"), row("b", 2, 11, "A"), row("c", 3, 11, "A")]
        let match = MaildropMatch(
            entries(("x", 11), ("y", 10), ("z", 11)), rows: rows, fingerprints: [1: "A", 2: "A", 3: "A"])
        #expect(match.verdicts == [1: .changed(2, from: "b"), 2: .changed(1, from: "a"), 3: .changed(3, from: "c")])
    }

    @Test func `have ids of ours where the server gives none`() {
        let listed = entries((nil, 10), (nil, 10), (nil, 10))
        #expect(MaildropMatch(listed, rows: []).undecided == [1, 2, 3])
        let match = MaildropMatch(listed, rows: [], fingerprints: [1: "A", 2: "B", 3: "A"])
        #expect(match.keys == [1: "~A-10", 2: "~B-10", 3: "~A-10-2"])
        let again = MaildropMatch(
            entries((nil, 10), (nil, 10)), rows: [row("~A-10", 1, 10, "A"), row("~B-10", 2, 10, "B")],
            fingerprints: [1: "B", 2: "A"])
        #expect(again.verdicts == [1: .known(2), 2: .known(1)])
    }

    /// They were waited for: now they are numbered by what there is.
    @Test func `whose headers nobody can read hold up no others`() {
        let named = MaildropMatch(
            entries(("x", 1), ("b", 2)), rows: [row("a", 1, 1, "A"), row("b", 2, 2, "B")], unreadable: [1])
        #expect(named.undecided.isEmpty && named.verdicts == [1: .new, 2: .known(2)])
        let listed = entries((nil, 10), (nil, 10), (nil, 20))
        let first = MaildropMatch(listed, rows: [], fingerprints: [1: "A"], unreadable: [2, 3])
        #expect(first.undecided.isEmpty && first.verdicts == [1: .new, 2: .new, 3: .new])
        #expect(first.keys == [1: "~A-10", 2: "~unread-10", 3: "~unread-20"])
    }

    @Test func `without ids are the same by their size while they cannot be read`() {
        let rows = [row("~A-10", 1, 10, "A"), row("~unread-10", 2, 10), row("~C-20", 3, 20, "C")]
        let listed = entries((nil, 10), (nil, 10), (nil, 20))
        let match = MaildropMatch(listed, rows: rows, fingerprints: [1: "A"], unreadable: [2, 3])
        #expect(match.verdicts == [1: .known(1), 2: .known(2), 3: .changed(3, from: "~C-20")])
    }

    /// Its size is no proof: another of that size would never be told of.
    @Test func `that can be read are not taken for one that could not`() {
        let rows = [row("~A-10", 1, 10, "A"), row("~unread-10", 2, 10)]
        let listed = entries((nil, 10), (nil, 10))
        let match = MaildropMatch(listed, rows: rows, fingerprints: [1: "A", 2: "B"])
        #expect(match.verdicts == [1: .known(1), 2: .new])
        // Of which the header was noted by and by: that is a proof.
        let noted = [row("~A-10", 1, 10, "A"), row("~unread-10", 2, 10, "B")]
        #expect(
            MaildropMatch(listed, rows: noted, fingerprints: [1: "A", 2: "B"]).verdicts == [
                1: .known(1), 2: .changed(2, from: "~unread-10"),
            ])
    }
}

@Suite struct `The fate of a message` {
    private let start = Timestamp(milliseconds: 1_000_000)
    private let day = Duration.seconds(86_400)

    private func message(
        _ seenAt: Timestamp, announced: Bool = true, _ acknowledgement: Acknowledgement = .complete
    ) -> RetainedMessage {
        RetainedMessage(uid: 1, seenAt: seenAt, isAnnounced: announced, acknowledgement: acknowledgement)
    }

    @Test func `by keep is to stay`() {
        let fate = message(start).fate(by: Retention(.keep, since: start), now: start.advanced(by: day * 1_000))
        #expect(fate == MessageRetention(.kept))
    }

    @Test func `by days counts from when it was seen, and from when the rule was made`() {
        let rule = Retention(.deleteAfterDays(7), since: start.advanced(by: day * 100))
        let end = start.advanced(by: day * 107)
        #expect(
            message(start).fate(by: rule, now: start.advanced(by: day * 106))
                == MessageRetention(.scheduled, deleteAt: end))
        #expect(message(start).fate(by: rule, now: end) == MessageRetention(.due, deleteAt: end))
        let late = start.advanced(by: day * 200)
        #expect(message(late).fate(by: rule, now: late).deleteAt == late.advanced(by: day * 7))
        // What a webhook is still to get stays; what it gave up on follows the clock, which is what was asked for.
        #expect(message(start, .pending).fate(by: rule, now: end).state == .awaitingDelivery)
        #expect(message(start, .failed).fate(by: rule, now: end).state == .due)
        #expect(message(start, announced: false, .unwanted).fate(by: rule, now: end).state == .due)
    }

    @Test(arguments: [
        (true, Acknowledgement.complete, MessageRetention.State.due), (true, .pending, .awaitingDelivery),
        (true, .failed, .deliveryFailed), (true, .unwanted, .kept), (false, .complete, .kept),
    ])
    func `by delivery is to stay unless all have taken it`(
        announced: Bool, acknowledgement: Acknowledgement, state: MessageRetention.State
    ) {
        let rule = Retention(.deleteAfterDelivery, since: start)
        #expect(message(start, announced: announced, acknowledgement).fate(by: rule, now: start).state == state)
        let earlier = Timestamp(milliseconds: start.milliseconds - 1)
        #expect(message(earlier).fate(by: rule, now: start).state == .kept)
    }
}
