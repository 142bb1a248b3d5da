import MIME
import Model
import Outbox
import Store
import Testing

@Suite struct OutcomePlanTests {
    private let account = AccountID(rawValue: "a")

    private func created(_ data: String) -> Event {
        Event(
            id: EventID(rawValue: "evt_1"), sequence: 7, type: .messageCreated, timestamp: Timestamp(milliseconds: 0),
            accountID: account, data: Array(data.utf8))
    }

    private func candidates(_ data: String) -> [ReportCandidate] {
        OutcomePlan.turn([created(data)], after: 6, next: 7).candidates
    }

    @Test func `a message with a report in it is looked at, whoever sends it`() {
        for type in ["message/delivery-status", "message/feedback-report", "message/disposition-notification"] {
            let data =
                #"{"id":"M","from":[{"email":"x@y.test"}],"attachments":[{"type":"text/plain"},{"type":"\#(type)"}]}"#
            #expect(candidates(data) == [ReportCandidate(account: account, message: EmailID(rawValue: "M"))])
        }
    }

    @Test func `so is what a daemon sends, or what is called undeliverable`() {
        #expect(candidates(#"{"id":"M","from":[{"email":"MAILER-DAEMON@y.test"}],"attachments":[]}"#).count == 1)
        #expect(candidates(#"{"id":"M","from":[],"attachments":[]}"#).count == 1)
        #expect(candidates(#"{"id":"M","from":[{"email":"x@y.test"}],"subject":"Undeliverable: hi"}"#).count == 1)
    }

    @Test func `an answer is looked at only if it answers one of ours, and other mail never`() {
        let answer = #"{"id":"M","from":[{"email":"x@y.test"}],"inReplyTo":["1@x"],"references":["0@x","1@x"]}"#
        #expect(candidates(answer).map(\.onlyIfOneOf) == [["1@x", "0@x", "1@x"]])
        #expect(candidates(#"{"id":"M","from":[{"email":"x@y.test"}],"subject":"hi","inReplyTo":[]}"#).isEmpty)
        #expect(candidates("no json").isEmpty)
        #expect(candidates(#"{"from":[]}"#).isEmpty)
    }

    private func submission(_ emails: String...) -> Submission {
        Submission(
            id: SubmissionID(rawValue: "s"), accountID: account, state: .sent, messageID: "m@x",
            createdAt: Timestamp(milliseconds: 0), nextAttemptAt: nil, mailFrom: "a@x.test",
            recipients: emails.map { SubmissionRecipient(email: $0, state: .accepted) }, saveToSent: true)
    }

    private func report(_ recipients: ReportedRecipient..., kind: MailReport.Kind = .delivery) -> MailReport {
        MailReport(kind: kind, envelopeID: nil, messageIDs: ["m@x"], recipients: recipients, reporter: nil)
    }

    @Test func `a recipient is found by the address it was given, whatever became of it`() {
        let both = submission("Bob@Exämple.test", "eve@x.test")
        let moved = report(
            ReportedRecipient(address: "other@y.test", originalAddress: "bob@xn--exmple-cua.test", action: .failed),
            ReportedRecipient(address: "unknown@y.test", action: .failed))
        #expect(OutcomePlan.notices(moved, of: both).map(\.email) == ["Bob@Exämple.test", "unknown@y.test"])
        #expect(OutcomePlan.isMeant(both, by: moved))
        let one = submission("eve@x.test")
        #expect(
            OutcomePlan.notices(report(ReportedRecipient(address: "r@y.test", action: .failed)), of: one)
                .map(\.email) == ["eve@x.test"])
        let stranger = report(ReportedRecipient(address: "r@y.test", action: .autoReplied), kind: .autoReply)
        #expect(OutcomePlan.notices(stranger, of: one).map(\.email) == ["r@y.test"])
        #expect(!OutcomePlan.isMeant(one, by: stranger))
    }

    @Test func `what is told of it`() {
        let mine = submission("eve@x.test")
        func types(_ action: ReportedRecipient.Action, _ kind: MailReport.Kind, _ of: Submission?) -> [EventType] {
            OutcomePlan.eventTypes(report(ReportedRecipient(address: "e@x", action: action), kind: kind), of: of)
        }
        #expect(types(.failed, .delivery, nil) == [.messageBounced])
        #expect(types(.complained, .complaint(feedbackType: "abuse"), nil) == [.messageComplained])
        #expect(types(.delayed, .delivery, mine) == [.submissionDeferred])
        #expect(types(.delayed, .delivery, nil) == [])
        #expect(types(.delivered, .delivery, mine) == [])
        #expect(types(.displayed, .receipt, mine) == [])
        #expect(types(.failed, .receipt, mine) == [])
    }

    @Test func `a bounce counts after the server's word, and what is delivered can still come back`() {
        var recipient = SubmissionRecipient(email: "b@x", state: .accepted)
        func tell(_ action: DeliveryNotice.Action) {
            let notice = DeliveryNotice(email: "b@x", action: action)
            let report = DeliveryReport(
                accountID: account, messageID: EmailID(rawValue: "M"), arrivedAt: Timestamp(milliseconds: 0),
                notices: [notice])
            recipient.add(RecipientReport(notice, in: report))
        }
        tell(.delayed)
        #expect(recipient.state == .accepted)
        tell(.delivered)
        #expect(recipient.state == .delivered)
        tell(.failed)
        #expect(recipient.state == .bounced)
        tell(.delivered)
        #expect(recipient.state == .bounced && recipient.reports.count == 4)
    }
}
