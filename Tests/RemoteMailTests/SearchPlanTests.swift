import IMAP
import Model
import RemoteMail
import Testing

@Suite struct SearchPlanTests {
    private static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private static func condition(_ build: (inout MessageCondition) -> Void) -> MessageCondition {
        var condition = MessageCondition()
        build(&condition)
        return condition
    }

    private static func message(_ received: String = "2024-01-01", attachment: Bool = false) throws -> Message {
        var message = Message(
            id: EmailID(rawValue: "x"), mailboxIDs: [], keywords: [], size: 1, receivedAt: try moment(received))
        message.hasAttachment = attachment
        return message
    }

    private static func plan(_ filter: MessageFilter) throws -> SearchPlan {
        var query = MessageQuery()
        query.filter = filter
        return try SearchPlan(query)
    }

    @Test func `nothing asked is nothing searched`() throws {
        let plan = try SearchPlan(MessageQuery())
        #expect(plan.key == nil && !plan.checksMessages && plan.separate.isEmpty)
    }

    @Test func `what IMAP can say is left to the server`() throws {
        var query = MessageQuery()
        query.condition = Self.condition {
            $0.answered = false
            $0.keyword = "$forwarded"
            $0.notKeyword = "$junk"
            $0.cc = "c"
            $0.body = "b"
            $0.header = HeaderCondition(name: "List-Id")
            $0.minSize = 10
            $0.maxSize = 20
        }
        query.native = "has:attachment"
        let plan = try SearchPlan(query)
        #expect(
            plan.key
                == .and([
                    .not(.flag(.answered)), .flag(.keyword("$Forwarded")), .not(.flag(.keyword("$Junk"))), .cc("c"),
                    .body("b"), .header(name: "List-Id", value: ""), .larger(9), .smaller(21),
                    .gmailRaw("has:attachment"),
                ]))
        #expect(!plan.checksMessages && plan.separate.isEmpty && !plan.needsStructure)
    }

    @Test func `a tree becomes one search`() throws {
        let plan = try Self.plan(
            .all([
                .any([.condition(Self.condition { $0.from = "a" }), .condition(Self.condition { $0.to = "b" })]),
                .none([
                    .condition(Self.condition { $0.subject = "s" }), .condition(Self.condition { $0.unread = true }),
                ]),
            ]))
        #expect(
            plan.key == .and([.or(.from("a"), .to("b")), .not(.or(.subject("s"), .not(.flag(.seen))))]))
        #expect(!plan.checksMessages)
    }

    @Test func `a moment is searched by days around it, and compared here`() throws {
        let after = try Self.moment("2024-02-10T12:00:00Z")
        let plan = try Self.plan(.condition(Self.condition { $0.after = after }))
        #expect(plan.key == .since(CalendarDay(year: 2024, month: 2, day: 9)))
        #expect(plan.checksMessages && !plan.needsStructure)
        #expect(plan.accepts(try Self.message("2024-02-10T12:00:00Z"), uid: 1, found: []))
        #expect(!plan.accepts(try Self.message("2024-02-10T11:59:59Z"), uid: 1, found: []))
    }

    @Test func `under a NOT the days lie within`() throws {
        let after = try Self.moment("2024-02-10T12:00:00Z")
        let plan = try Self.plan(.none([.condition(Self.condition { $0.after = after })]))
        #expect(plan.key == .not(.since(CalendarDay(year: 2024, month: 2, day: 12))))
        #expect(!plan.accepts(try Self.message("2024-02-10T12:00:00Z"), uid: 1, found: []))
        #expect(plan.accepts(try Self.message("2024-02-10T11:59:59Z"), uid: 1, found: []))
    }

    @Test func `a moment of saving is searched by days, and what has none is neither after nor before`() throws {
        let moment = try Self.moment("2024-02-10T12:00:00Z")
        func saved(_ time: String?) throws -> Message {
            var message = try Self.message("2024-02-20")
            message.savedAt = try time.map(Self.moment)
            return message
        }
        let before = try Self.plan(.condition(Self.condition { $0.savedBefore = moment }))
        #expect(before.key == .savedBefore(CalendarDay(year: 2024, month: 2, day: 12)))
        #expect(before.checksMessages && before.needsSaveDate)
        #expect(before.accepts(try saved("2024-02-10T11:59:59Z"), uid: 1, found: []))
        #expect(!before.accepts(try saved("2024-02-10T12:00:00Z"), uid: 1, found: []))
        #expect(!before.accepts(try saved(nil), uid: 1, found: []))
        let after = try Self.plan(.condition(Self.condition { $0.savedAfter = moment }))
        #expect(after.key == .savedSince(CalendarDay(year: 2024, month: 2, day: 9)))
        #expect(after.accepts(try saved("2024-02-10T12:00:00Z"), uid: 1, found: []))
        #expect(!after.accepts(try saved("2024-02-10T11:59:59Z"), uid: 1, found: []))
        #expect(!after.accepts(try saved(nil), uid: 1, found: []))
        // The server's word on what has no save date is another question: under a NOT all are looked at.
        let not = try Self.plan(.none([.condition(Self.condition { $0.savedBefore = moment })]))
        #expect(not.key == nil && not.checksMessages && not.needsSaveDate)
        #expect(not.accepts(try saved("2024-02-10T12:00:00Z"), uid: 1, found: []))
        #expect(not.accepts(try saved(nil), uid: 1, found: []))
        #expect(!(try Self.plan(.condition(Self.condition { $0.before = moment })).needsSaveDate))
    }

    @Test func `attachments are looked for in each message that is found`() throws {
        let plan = try Self.plan(
            .all([
                .condition(Self.condition { $0.hasAttachment = true }), .condition(Self.condition { $0.from = "a" }),
            ]))
        #expect(plan.key == .from("a"))
        #expect(plan.separate.isEmpty && plan.needsStructure)
        #expect(plan.accepts(try Self.message(attachment: true), uid: 1, found: []))
        #expect(!plan.accepts(try Self.message(), uid: 1, found: []))
    }

    @Test func `what decides together with what is checked here is searched for itself`() throws {
        let plan = try Self.plan(
            .any([
                .condition(Self.condition { $0.hasAttachment = true }), .condition(Self.condition { $0.from = "a" }),
            ]))
        #expect(plan.key == nil)
        #expect(plan.separate == [.from("a")])
        #expect(plan.accepts(try Self.message(), uid: 7, found: [UIDSet(7)]))
        #expect(!plan.accepts(try Self.message(), uid: 8, found: [UIDSet(7)]))
        #expect(plan.accepts(try Self.message(attachment: true), uid: 8, found: [UIDSet(7)]))
        let neither = try Self.plan(
            .none([
                .condition(Self.condition { $0.hasAttachment = true }), .condition(Self.condition { $0.from = "a" }),
            ]))
        #expect(neither.key == .not(.from("a")))
        #expect(neither.accepts(try Self.message(), uid: 8, found: [UIDSet(7)]))
        #expect(!neither.accepts(try Self.message(), uid: 7, found: [UIDSet(7)]))
        #expect(!neither.accepts(try Self.message(attachment: true), uid: 8, found: [UIDSet(7)]))
    }

    @Test func `too many of those are refused`() throws {
        let mixed = (0..<30).map { number in MessageFilter.condition(Self.condition { $0.from = "\(number)" }) }
        let attachment = MessageFilter.condition(Self.condition { $0.hasAttachment = true })
        let either = mixed.map { MessageFilter.any([$0, attachment]) }
        #expect(throws: RemoteMailError.self) { try Self.plan(.all(either)) }
        #expect(try Self.plan(.any(mixed)).separate.isEmpty)
    }
}
