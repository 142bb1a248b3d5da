import MIME
import Testing

/// Complaints, receipts and automatic answers.
@Suite struct FeedbackTests {
    @Test func `a complaint names the recipient and the message`() throws {
        let text = try Transcripts.text("complaint").replacing("\n\nTo: <Undisclosed", with: "\nTo: <Undisclosed")
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.kind == .complaint(feedbackType: "abuse"))
        #expect(report.recipients.map(\.address) == ["user@example.com"])
        #expect(report.recipients.map(\.action) == [.complained])
        #expect(report.messageIDs == ["8787KJKJ3K4J3K4J3K4J3.mail@example.net"])
        #expect(report.reporter == "mail.example.com")
    }

    @Test(arguments: ["not-spam", "auth-failure"]) func `not everything in that form is a complaint`(type: String)
        throws
    {
        let text = try Transcripts.text("complaint").replacing("Feedback-Type: abuse", with: "Feedback-Type: \(type)")
        #expect(MailReport(parsing: Transcripts.crlf(text)) == nil)
    }

    @Test func `a complaint that hides who complains still names the message`() throws {
        let text = try Transcripts.text("complaint").replacing("\n\nTo: <Undisclosed Recipients>", with: "")
            .replacing("Original-Rcpt-To: <user@example.com>\n", with: "")
            .replacing("Removal-Recipient: user@example.com\n", with: "")
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.recipients.map(\.address) == [nil])
        #expect(report.messageIDs.count == 1)
    }

    @Test func `a receipt says that the message was seen`() throws {
        let report = try #require(MailReport(parsing: Transcripts.crlf(Transcripts.text("receipt"))))
        #expect(report.kind == .receipt)
        #expect(report.messageIDs.first == "199509192301.23456@example.org")
        #expect(report.recipients.map(\.action) == [.displayed])
        #expect(report.recipients.map(\.originalAddress) == ["Joe_Recipient@example.com"])
        let deleted = try Transcripts.text("receipt").replacing("manually; displayed", with: "automatically; deleted")
        #expect(MailReport(parsing: Transcripts.crlf(deleted))?.recipients.map(\.action) == [.deleted])
    }

    @Test(arguments: [
        "Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: auto-generated", "X-Autoreply: yes",
        "Precedence: auto_reply",
    ])
    func `an automatic answer names what it answers`(field: String) throws {
        let text = """
            From: Bob <bob@example.net>
            To: ada@example.test
            Subject: Automatic reply: Hello
            In-Reply-To: <m1@example.test>
            References: <m0@example.test> <m1@example.test>
            \(field)

            I am away.
            """
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.kind == .autoReply)
        #expect(report.messageIDs == ["m1@example.test", "m0@example.test"])
        #expect(
            report.recipients == [
                ReportedRecipient(address: "bob@example.net", action: .autoReplied, text: "Automatic reply: Hello")
            ])
        #expect(MailReport(parsing: Transcripts.crlf(text.replacing(field, with: "Auto-Submitted: no"))) == nil)
    }
}
