import API
import Crypto
import Model
import RemoteMail

/// One value of each kind, with every member that can be null once null and once not.
enum Sample {
    static let time = Timestamp(milliseconds: 1_795_460_347_089)

    /// A signer whose clock stands still.
    static let links = LinkSigner(keys: { [linkKey] }, now: { time })
    static let linkKey = SymmetricKey(data: [UInt8](0..<32))

    static let account = Account(
        id: AccountID(rawValue: "acc_1"), name: "Jane", email: "jane@example.com",
        servers: [
            .imap: AccountServer(
                endpoint: ServerEndpoint(
                    host: "imap.example.com", port: 993, security: .tls,
                    tls: TLSSettings(verify: false, caCertificates: "PEM", serverName: "mail")), username: "own"),
            .smtp: AccountServer(endpoint: ServerEndpoint(host: "::1", port: 587, security: .starttls)),
        ], username: "jane", state: .connected, lastError: nil, createdAt: time, updatedAt: time, revision: 7)

    static let broken = Account(
        id: AccountID(rawValue: "acc_2"), name: nil, email: "joe@example.com", servers: [:], username: nil,
        state: .unreachable,
        lastError: AccountFault(mailProtocol: .imap, code: "timed-out", text: "time ran out", at: time),
        createdAt: time, updatedAt: time, revision: 1)

    static let health = AccountHealth(
        account: account.id, state: .connected, at: time.advanced(by: .milliseconds(7_900)),
        servers: [
            .imap: ServerHealth(
                state: .connected, lastContactAt: time, serverName: "Dovecot",
                sessions: SessionUse(lent: 1, idle: 2, connecting: 3, waiting: 4, watching: 1, budget: 5),
                capabilities: ["IDLE", "MOVE"]),
            .smtp: ServerHealth(
                state: .failing,
                lastError: AccountFault(mailProtocol: .smtp, code: "timed-out", text: "time ran out", at: time)),
        ],
        features: [ServerFeature(.push, .native, ["IDLE"]), ServerFeature(.quota, .missing)],
        sync: SyncHealth(
            phase: "watching", since: time, watching: "idle", tier: "condstore", lastContactAt: time,
            lastCheckedAt: time, mailboxes: 6, remaining: 12))

    static let inbox = Mailbox(
        id: MailboxID(rawValue: "m1"), name: "INBOX", path: "INBOX", parentID: nil, role: .inbox, sortOrder: 1,
        totalEmails: 3, unreadEmails: 1, isSubscribed: true, isSelectable: true)

    static let folder = Mailbox(
        id: MailboxID(rawValue: "m2"), name: "日本", path: "INBOX/日本", parentID: inbox.id, role: nil, sortOrder: 2,
        totalEmails: nil, unreadEmails: nil, isSubscribed: false, isSelectable: false)

    static let shared: Mailbox = {
        var mailbox = folder
        mailbox.size = 4_096
        mailbox.myRights = MailboxPermissions(
            mayReadItems: true, mayAddItems: false, mayRemoveItems: false, maySetSeen: true, maySetKeywords: false,
            mayCreateChild: false, mayRename: false, mayDelete: false)
        return mailbox
    }()

    static let message: Message = {
        var message = Message(
            id: EmailID(rawValue: "e/1"), mailboxIDs: [inbox.id], keywords: ["$seen", "$flagged"], size: 1234,
            receivedAt: time)
        message.subject = "日本 \"quoted\"\u{2028}"
        message.from = [Correspondent(name: "Jö", email: "jo@example.com"), Correspondent(email: "x@example.com")]
        message.attachments = [
            Attachment(
                id: PartID(rawValue: "2"), name: "a.png", type: "image/png", size: 9, isInline: true, contentID: "c@d"),
            Attachment(
                id: PartID(rawValue: "3"), name: "b.txt", type: "text/plain", size: 9, isInline: false,
                charset: "utf-8"),
        ]
        message.hasAttachment = true
        message.savedAt = time
        message.references = ["a@b", "c@d"]
        message.text = "Hello\r\n"
        message.html = "<p onclick=x>Hello<img src=cid:c@d><img src=https://x.example/p.gif>"
        message.headers = [(name: "Subject", value: "x"), (name: "List-Id", value: "")]
        message.spam = SpamVerdict(isSpam: true, score: 15.9, source: "x-spam-status")
        message.problems = ["bad-date"]
        return message
    }()

    static let conversation = Conversation(
        id: ThreadID(rawValue: "T1"), messageIDs: [EmailID(rawValue: "e/0"), message.id], messages: [message])

    static let template = Template(
        id: TemplateID(rawValue: "tpl_1"),
        content: TemplateContent(name: nil, subject: "Order {{number}}", text: "Hello {{name}}", html: nil),
        createdAt: time, updatedAt: time, revision: 3)

    static let submission: Submission = {
        var submission = Submission(
            id: SubmissionID(rawValue: "sub_1"), accountID: account.id, state: .partiallySent, messageID: "a@b",
            createdAt: time, attempts: 1, nextAttemptAt: nil, mailFrom: "jane@example.com",
            recipients: [
                SubmissionRecipient(email: "joe@example.org"),
                SubmissionRecipient(
                    email: "no@example.org", state: .refused, code: 550, enhancedCode: "5.1.1", text: "unknown"),
            ], saveToSent: true)
        submission.error = SubmissionFault(code: "recipients-refused", text: "one was refused")
        return submission
    }()

    static let token = Token(
        id: TokenID(rawValue: "tok_1"), name: "web", scopes: [.send, .read], accounts: [account.id], createdAt: time,
        expiresAt: time)

    /// Ten octets, in pieces of three.
    static func content(size: Int?, type: String, name: String?) -> MessageContent {
        MessageContent(size: size, type: type, name: name, tag: "t1") { range, sink in
            let octets = Array("0123456789".utf8)[range ?? 0..<10]
            for start in stride(from: octets.startIndex, to: octets.endIndex, by: 3) {
                try await sink(Array(octets[start..<min(start + 3, octets.endIndex)]))
            }
        }
    }
}
