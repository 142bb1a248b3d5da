import MIME
import Testing

/// Complaints, receipts and automatic answers.
@Suite struct FeedbackTests {
    /// RFC 5965, appendix B.2.
    private let complaint = """
        From: <abusedesk@example.com>
        Date: Thu, 8 Mar 2005 17:40:36 EDT
        Subject: FW: Earn money
        To: <abuse@example.net>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report;
             boundary="part1_13d.2e68ed54_boundary"

        --part1_13d.2e68ed54_boundary
        Content-Type: text/plain; charset="US-ASCII"
        Content-Transfer-Encoding: 7bit

        This is an email abuse report for an email message received from IP
        192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT.

        --part1_13d.2e68ed54_boundary
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Mail-From: <somespammer@example.net>
        Original-Rcpt-To: <user@example.com>
        Arrival-Date: Thu, 8 Mar 2005 14:00:00 EDT
        Reporting-MTA: dns; mail.example.com
        Source-IP: 192.0.2.1
        Authentication-Results: mail.example.com;
                       spf=fail smtp.mail=somespammer@example.com
        Reported-Domain: example.net
        Reported-Uri: http://example.net/earn_money.html
        Removal-Recipient: user@example.com

        --part1_13d.2e68ed54_boundary
        Content-Type: message/rfc822
        Content-Disposition: inline

        From: <somespammer@example.net>
        Received: from mailserver.example.net (mailserver.example.net
             [192.0.2.1]) by example.com with ESMTP id M63d4137594e46;
             Thu, 08 Mar 2005 14:00:00 -0400

        To: <Undisclosed Recipients>
        Subject: Earn money
        Message-ID: 8787KJKJ3K4J3K4J3K4J3.mail@example.net

        Spam Spam Spam
        --part1_13d.2e68ed54_boundary--
        """

    /// RFC 8098, section 9.
    private let receipt = """
        Date: Wed, 20 Sep 1995 00:19:00 (EDT) -0400
        From: Joe Recipient <Joe_Recipient@example.com>
        Message-ID: <199509200019.12345@example.com>
        Subject: Re: First draft of report
        To: Jane Sender <Jane_Sender@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=disposition-notification;
              boundary="RAA14128.773615765/example.com"

        --RAA14128.773615765/example.com
        Content-type: text/plain

        The message sent on 1995 Sep 19 at 13:30:00 (EDT) -0400 to Joe
        Recipient <Joe_Recipient@example.com> with subject "First draft of
        report" has been displayed.

        --RAA14128.773615765/example.com
        Content-type: message/disposition-notification

        Reporting-UA: joes-pc.cs.example.com; Foomail 97.1
        Original-Recipient: rfc822;Joe_Recipient@example.com
        Final-Recipient: rfc822;Joe_Recipient@example.com
        Original-Message-ID: <199509192301.23456@example.org>
        Disposition: manual-action/MDN-sent-manually; displayed

        --RAA14128.773615765/example.com
        Content-type: message/rfc822

        [original message optionally goes here]

        --RAA14128.773615765/example.com--
        """

    @Test func `a complaint names the recipient and the message`() throws {
        let text = complaint.replacing("\n\nTo: <Undisclosed", with: "\nTo: <Undisclosed")
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.kind == .complaint(feedbackType: "abuse"))
        #expect(report.recipients.map(\.address) == ["user@example.com"])
        #expect(report.recipients.map(\.action) == [.complained])
        #expect(report.messageIDs == ["8787KJKJ3K4J3K4J3K4J3.mail@example.net"])
        #expect(report.reporter == "mail.example.com")
    }

    @Test(arguments: ["not-spam", "auth-failure"]) func `not everything in that form is a complaint`(type: String) {
        let text = complaint.replacing("Feedback-Type: abuse", with: "Feedback-Type: \(type)")
        #expect(MailReport(parsing: Transcripts.crlf(text)) == nil)
    }

    @Test func `a complaint that hides who complains still names the message`() throws {
        let text = complaint.replacing("\n\nTo: <Undisclosed Recipients>", with: "")
            .replacing("Original-Rcpt-To: <user@example.com>\n", with: "")
            .replacing("Removal-Recipient: user@example.com\n", with: "")
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.recipients.map(\.address) == [nil])
        #expect(report.messageIDs.count == 1)
    }

    @Test func `a receipt says that the message was seen`() throws {
        let report = try #require(MailReport(parsing: Transcripts.crlf(receipt)))
        #expect(report.kind == .receipt)
        #expect(report.messageIDs.first == "199509192301.23456@example.org")
        #expect(report.recipients.map(\.action) == [.displayed])
        #expect(report.recipients.map(\.originalAddress) == ["Joe_Recipient@example.com"])
        let deleted = receipt.replacing("manually; displayed", with: "automatically; deleted")
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
