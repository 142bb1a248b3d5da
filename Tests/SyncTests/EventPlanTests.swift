import Model
import Representation
import Store
import Sync
import Testing

/// Which events tell of what happened.
@Suite struct EventPlanTests {
    private static let account = AccountID(rawValue: "a")
    private static let inbox = MailboxID(rawValue: "inbox")
    private static let work = MailboxID(rawValue: "work")

    private func transition(
        _ email: String = "e1", from before: Set<MailboxID>, to after: Set<MailboxID>, keywordsBefore: [String]? = nil,
        keywords: [String] = [], isNews: Bool = false, receivedAt: Int64? = nil
    ) -> MessageTransition {
        let summary = receivedAt.map {
            Message(
                id: EmailID(rawValue: "as read"), mailboxIDs: [], keywords: keywords, size: 1,
                receivedAt: Timestamp(milliseconds: $0))
        }
        return MessageTransition(
            email: EmailID(rawValue: email), thread: ThreadID(rawValue: "t1"), before: before, after: after,
            rolesBefore: roles(before), rolesAfter: roles(after), keywordsBefore: keywordsBefore, keywords: keywords,
            isNews: isNews, summary: summary)
    }

    private func roles(_ mailboxes: Set<MailboxID>) -> Set<MailboxRole> {
        mailboxes.contains(Self.inbox) ? [.inbox] : []
    }

    private func events(_ transitions: MessageTransition...) -> [EventDraft] {
        EventPlan.events(for: transitions, of: Self.account)
    }

    private func json(_ draft: EventDraft) throws -> JSONValue { try JSONParser.parse(draft.data) }

    private func list(_ values: String...) -> JSONValue { .array(values.map { .string($0) }) }

    private func keywords(_ names: String...) -> JSONValue {
        .object(names.map { JSONMember(name: $0, value: .bool(true)) })
    }

    @Test func `a new message is shown as it is stored, not as it was read`() throws {
        let told = events(transition(from: [], to: [Self.inbox], isNews: true, receivedAt: 5))
        #expect(told.map(\.type) == [.messageCreated] && told[0].accountID == Self.account)
        let data = try json(told[0])
        #expect(data["id"] == .string("e1") && data["threadId"] == .string("t1"))
        #expect(data["mailboxIds"] == list("inbox") && data["mailboxRoles"] == list("inbox"))
    }

    @Test func `what was there before we looked is no news`() {
        #expect(events(transition(from: [], to: [Self.inbox], isNews: false, receivedAt: 5)).isEmpty)
        #expect(events(transition(from: [], to: [Self.inbox], isNews: true)).isEmpty)
    }

    @Test func `other keywords are an update that tells both`() throws {
        let told = events(
            transition(from: [Self.inbox], to: [Self.inbox], keywordsBefore: ["$seen"], keywords: ["$flagged"]))
        #expect(told.map(\.type) == [.messageUpdated])
        let data = try json(told[0])
        #expect(data["changed"] == list("keywords") && data["keywords"] == keywords("$flagged"))
        #expect(data["previousKeywords"] == keywords("$seen") && data["previousMailboxIds"] == nil)
    }

    @Test func `nothing, where all is as it was`() {
        #expect(events(transition(from: [Self.inbox], to: [Self.inbox])).isEmpty)
        #expect(
            events(transition(from: [Self.inbox], to: [Self.inbox], keywordsBefore: ["$seen"], keywords: ["$seen"]))
                .isEmpty)
        #expect(events(transition(from: [], to: [])).isEmpty)
    }

    @Test func `a copy is an update of where it lies, a taken away one too`() throws {
        let copied = events(transition(from: [Self.inbox], to: [Self.inbox, Self.work], isNews: true, receivedAt: 5))
        #expect(copied.map(\.type) == [.messageUpdated])
        #expect(try json(copied[0])["changed"] == list("mailboxIds"))
        #expect(try json(copied[0])["previousMailboxIds"] == list("inbox"))
        let removed = events(transition(from: [Self.inbox, Self.work], to: [Self.work]))
        #expect(removed.map(\.type) == [.messageUpdated])
        #expect(try json(removed[0])["mailboxIds"] == list("work"))
    }

    @Test func `a move is one event, and no new message`() throws {
        let told = events(transition(from: [Self.inbox], to: [Self.work], isNews: true, receivedAt: 5))
        #expect(told.map(\.type) == [.messageMoved])
        #expect(try json(told[0])["mailboxIds"] == list("work"))
        #expect(try json(told[0])["previousMailboxIds"] == list("inbox"))
        #expect(try json(told[0])["mailboxRoles"] == list())
        #expect(try json(told[0])["previousMailboxRoles"] == list("inbox"))
    }

    @Test func `a move with other keywords is a move and an update`() throws {
        let told = events(
            transition(from: [Self.inbox], to: [Self.work], keywordsBefore: [], keywords: ["$seen"]))
        #expect(told.map(\.type) == [.messageMoved, .messageUpdated])
        #expect(try json(told[1])["changed"] == list("keywords"))
    }

    @Test func `a message that is nowhere any more is deleted`() throws {
        let told = events(transition(from: [Self.inbox, Self.work], to: []))
        #expect(told.map(\.type) == [.messageDeleted])
        #expect(try json(told[0])["previousMailboxIds"] == list("inbox", "work"))
        #expect(try json(told[0])["previousMailboxRoles"] == list("inbox"))
    }

    @Test func `what came first is told first`() throws {
        let told = events(
            transition("late", from: [], to: [Self.inbox], isNews: true, receivedAt: 9),
            transition("b", from: [], to: [Self.inbox], isNews: true, receivedAt: 5),
            transition("a", from: [], to: [Self.inbox], isNews: true, receivedAt: 5))
        #expect(try told.map { try json($0)["id"] } == [.string("a"), .string("b"), .string("late")])
    }

    @Test func `mailboxes are told of, but not those that an account brings along`() throws {
        let facts = MailboxFacts(
            Mailbox(
                id: Self.work, name: "Work", path: "A/Work", parentID: Self.inbox, role: .archive, sortOrder: 1,
                totalEmails: nil, unreadEmails: nil, isSubscribed: true, isSelectable: true))
        let record = MailboxRecord(
            number: 1, id: Self.work, path: "A/Work", announced: facts, cursor: MailboxCursor(),
            seenAt: Timestamp(milliseconds: 1))
        let outcome = ListingOutcome(created: [record], updated: [record])
        #expect(
            EventPlan.events(for: outcome, isFirst: false, of: Self.account).map(\.type)
                == [.mailboxCreated, .mailboxUpdated])
        let first = EventPlan.events(for: outcome, isFirst: true, of: Self.account)
        #expect(first.map(\.type) == [.mailboxUpdated])
        let data = try json(first[0])
        #expect(data["id"] == .string("work") && data["path"] == .string("A/Work"))
        #expect(data["role"] == .string("archive"))
        #expect(data["parentId"] == .string("inbox") && data["isSubscribed"] == .bool(true))
        #expect(EventPlan.deleted(record, of: Self.account).type == .mailboxDeleted)
        #expect(EventPlan.reset(record, of: Self.account).type == .mailboxReset)
    }
}
