import Model
import Store
import Testing
import Webhooks

@Suite struct `Event matcher` {
    private let data = """
        {"id":"M1","mailboxIds":["inbox1","x"],"mailboxRoles":["inbox"],"keywords":{"$seen":true,"$junk":false},
        "from":[{"name":"Ada Lovelace","email":"ada@example.org"},{"name":null,"email":"bob@example.org"}],
        "subject":"Your ORDER is here","hasAttachment":true}
        """

    private func wants(_ settings: WebhookSettings, _ event: Event) -> Bool { EventMatcher(settings).wants(event) }

    private func settings(
        types: [String]? = nil, accounts: Set<AccountID>? = nil, filter: WebhookFilter? = nil
    ) -> WebhookSettings {
        WebhookSettings(url: "https://a.example", types: types, accounts: accounts, filter: filter)
    }

    @Test func `chooses by type and account`() {
        let event = Event.sample(1, .messageCreated, of: "a")
        #expect(wants(settings(), event))
        #expect(wants(settings(types: ["message.created"]), event))
        #expect(wants(settings(types: ["mailbox.*", "message.*"]), event))
        #expect(!wants(settings(types: ["message.deleted", "account.*"]), event))
        #expect(wants(settings(accounts: [AccountID(rawValue: "a")]), event))
        #expect(!wants(settings(accounts: [AccountID(rawValue: "b")]), event))
        #expect(!wants(settings(accounts: [AccountID(rawValue: "a")]), .sample(1, .accountUpdated, of: nil)))
    }

    @Test func `a pattern stands for a family, never for a part of a word`() {
        #expect(EventType.named("message.*").count == 6)
        #expect(EventType.named("submission.sent") == [.submissionSent])
        for wrong in ["*", "", "message", "mess.*", "message.*.*", "message.created.*", "Message.*", "webhook.test"] {
            #expect(EventType.named(wrong).isEmpty, "\(wrong)")
        }
    }

    @Test(arguments: [
        WebhookFilter(mailboxID: MailboxID(rawValue: "inbox1")), WebhookFilter(from: "LOVELACE"),
        WebhookFilter(from: "bob@"), WebhookFilter(subject: "order"), WebhookFilter(hasAttachment: true),
        WebhookFilter(keyword: "$SEEN"), WebhookFilter(mailboxRole: .inbox),
        WebhookFilter(mailboxID: MailboxID(rawValue: "x"), from: "ada", subject: "here", hasAttachment: true),
    ])
    func `conditions that hold`(filter: WebhookFilter) {
        #expect(wants(settings(filter: filter), .sample(1, .messageCreated, data: data)))
    }

    @Test(arguments: [
        WebhookFilter(mailboxID: MailboxID(rawValue: "inbox")), WebhookFilter(from: "carl"),
        WebhookFilter(subject: "invoice"), WebhookFilter(hasAttachment: false), WebhookFilter(keyword: "$flagged"),
        WebhookFilter(keyword: "$junk"), WebhookFilter(mailboxRole: .sent),
        WebhookFilter(from: "ada", subject: "invoice"),
    ])
    func `conditions that do not`(filter: WebhookFilter) {
        #expect(!wants(settings(filter: filter), .sample(1, .messageCreated, data: data)))
    }

    @Test(arguments: [
        WebhookFilter(mailboxID: MailboxID(rawValue: "inbox1")), WebhookFilter(mailboxRole: .inbox),
    ])
    func `a message that left the mailbox concerns whoever watches it`(filter: WebhookFilter) {
        let left = #"{"id":"M1","previousMailboxIds":["inbox1"],"previousMailboxRoles":["inbox"]}"#
        #expect(wants(settings(filter: filter), .sample(1, .messageDeleted, data: left)))
        let other = #"{"id":"M1","previousMailboxIds":["junk1"],"previousMailboxRoles":["junk"]}"#
        #expect(!wants(settings(filter: filter), .sample(1, .messageDeleted, data: other)))
    }

    @Test func `does not narrow events of other kinds, and loses none that cannot be read`() {
        let filter = WebhookFilter(subject: "x")
        #expect(wants(settings(filter: filter), .sample(1, .accountUpdated)))
        #expect(!wants(settings(filter: filter), .sample(1, .messageDeleted, data: #"{"id":"M1"}"#)))
        #expect(wants(settings(filter: filter), .sample(1, .messageCreated, data: "{broken")))
    }
}
