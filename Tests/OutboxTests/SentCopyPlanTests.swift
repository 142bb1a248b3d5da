import Model
import Outbox
import Testing

/// Who files the copy, case by case.
@Suite struct SentCopyPlanTests {
    private typealias Action = SentCopyPlan.Action
    private static let id = EmailID(rawValue: "M1")

    private static func action(
        attempt: Int = 1, state: SentCopy.State = .pending, failed: Bool = false, found: Int = 0,
        hasMailbox: Bool = true, isGmail: Bool = false, known: Bool? = nil, rewrites: Bool = false
    ) -> Action {
        SentCopyPlan().action(
            for: SentCopy(
                state: state, attempts: attempt, error: failed ? SubmissionFault(code: "c", text: "t") : nil),
            look: SentLook(
                hasMailbox: hasMailbox, found: found > 0 ? id : nil, count: found, filesItself: isGmail),
            known: known, rewrites: rewrites)
    }

    @Test func `a server of which nothing is known gets our copy, and is looked at again`() {
        #expect(Self.action() == .append)
        #expect(Self.action(attempt: 2, state: .filed, found: 1) == .finish(.filed, Self.id, learned: false))
        #expect(Self.action(attempt: 2, state: .filed, found: 2) == .removeOurs)
        #expect(Self.action(known: false) == .append)
    }

    @Test func `what is there already is the server's, unless a try of ours failed`() {
        #expect(Self.action(found: 1) == .finish(.byServer, Self.id, learned: true))
        #expect(Self.action(attempt: 2, failed: true, found: 1) == .finish(.filed, Self.id, learned: nil))
    }

    @Test(arguments: [(true, nil), (false, true)] as [(Bool, Bool?)])
    func `a server that files is waited for, and helped at last`(isGmail: Bool, known: Bool?) {
        let waits = (1...4).map { Self.action(attempt: $0, isGmail: isGmail, known: known) }
        #expect(waits == [5, 30, 120, 600].map { .lookAgain(after: .seconds($0)) })
        #expect(Self.action(attempt: 5, isGmail: isGmail, known: known) == .append)
    }

    @Test func `what Exchange filed under another Message-ID is not filed again`() {
        #expect(Self.action(attempt: 1, rewrites: true) == .lookAgain(after: .seconds(5)))
        #expect(Self.action(attempt: 5, rewrites: true) == .finish(.byServer, nil, learned: nil))
    }

    @Test func `without such a mailbox there is no copy`() {
        #expect(Self.action(hasMailbox: false) == .finish(.none, nil, learned: nil))
    }
}
