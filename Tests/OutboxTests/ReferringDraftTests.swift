import Model
import Outbox
import Testing

@Suite struct ReferringDraftTests {
    private func original(_ change: (inout Message) -> Void = { _ in }) -> Message {
        var message = Message(
            id: EmailID(rawValue: "M"), mailboxIDs: [], keywords: [], size: 1, receivedAt: Timestamp(milliseconds: 0))
        message.sentAt = Timestamp(milliseconds: 0)
        message.from = [Correspondent(name: "Bob", email: "bob@example.net")]
        message.to = [Correspondent(email: "Ada@Example.org"), Correspondent(email: "eve@example.net")]
        message.cc = [Correspondent(email: "carl@example.net"), Correspondent(email: "bob@example.net")]
        message.subject = "Lunch"
        message.messageID = "2@example.net"
        message.references = ["1@example.net"]
        message.text = "At noon?\n\n> earlier\n"
        change(&message)
        return message
    }

    private func answer(
        _ action: MessageReference.Action, to original: Message, quotes: Bool? = nil, attachments: Bool? = nil,
        _ change: (inout SubmissionDraft) -> Void = { $0.text = "Yes." }
    ) -> SubmissionDraft {
        var draft = SubmissionDraft()
        change(&draft)
        return ReferringDraft(
            draft,
            MessageReference(original.id, action, quotes: quotes, includesAttachments: attachments),
            original: original, own: ["ada@example.org"]
        ).draft
    }

    private func header(_ name: String, of draft: SubmissionDraft) -> String? {
        draft.headers.first { $0.name == name }?.value
    }

    @Test func `an answer goes to the author and belongs to the thread`() {
        let draft = answer(.reply, to: original())
        #expect(draft.to.map(\.email) == ["bob@example.net"] && draft.cc.isEmpty)
        #expect(draft.subject == "Re: Lunch")
        #expect(header("In-Reply-To", of: draft) == "<2@example.net>")
        #expect(header("References", of: draft) == "<1@example.net> <2@example.net>")
        #expect(draft.text == "Yes.")
        #expect(draft.reference == nil)
    }

    @Test func `an answer to all leaves oneself out and names nobody twice`() {
        let draft = answer(.replyAll, to: original())
        #expect(draft.to.map(\.email) == ["bob@example.net"])
        #expect(draft.cc.map(\.email) == ["eve@example.net", "carl@example.net"])
    }

    @Test func `Reply-To is obeyed, but for the one that a list puts there`() {
        let asked = original { $0.replyTo = [Correspondent(email: "office@example.net")] }
        #expect(answer(.reply, to: asked).to.map(\.email) == ["office@example.net"])
        let list = original {
            $0.replyTo = [Correspondent(email: "list@lists.test")]
            $0.headers = [(name: "List-Post", value: "<mailto:list@lists.test>")]
            $0.to = [Correspondent(email: "list@lists.test")]
            $0.cc = []
        }
        #expect(answer(.reply, to: list).to.map(\.email) == ["bob@example.net"])
        let all = answer(.replyAll, to: list)
        #expect(all.to.map(\.email) == ["bob@example.net"] && all.cc.map(\.email) == ["list@lists.test"])
        // A header of that size took minutes once.
        let large = original { message in
            message = list
            let before = String(repeating: "x", count: 500_000)
            message.headers = [(name: "List-Post", value: "\(before) <MailTo:list@lists.test>")]
        }
        #expect(answer(.reply, to: large).to.map(\.email) == ["bob@example.net"])
    }

    @Test func `Mail-Followup-To says whom an answer to all goes to`() {
        let message = original {
            $0.headers = [(name: "Mail-Followup-To", value: "List <list@lists.test>, ada@example.org, not an address")]
        }
        let draft = answer(.replyAll, to: message)
        #expect(draft.to.map(\.email) == ["list@lists.test"] && draft.cc.isEmpty)
        #expect(answer(.reply, to: message).to.map(\.email) == ["bob@example.net"])
    }

    @Test func `going on with one's own message writes to the same people`() {
        let mine = original { $0.from = [Correspondent(email: "ada@example.org")] }
        #expect(answer(.reply, to: mine).to.map(\.email) == ["Ada@Example.org", "eve@example.net"])
    }

    @Test func `what the caller gives wins`() {
        let draft = answer(.replyAll, to: original()) {
            $0.text = "x"
            $0.to = [Correspondent(email: "other@example.net")]
            $0.subject = "Dinner"
        }
        #expect(draft.to.map(\.email) == ["other@example.net"] && draft.cc.isEmpty)
        #expect(draft.subject == "Dinner")
    }

    @Test func `quotes in the forms that the answer has`() {
        let both = original { $0.html = "<p>At <b>noon</b>?</p>" }
        let text = answer(.reply, to: both, quotes: true)
        #expect(
            text.text
                == "Yes.\n\nOn Thu, 1 Jan 1970 00:00:00 +0000, Bob wrote:\n> At noon?\n>\n>> earlier\n"
                || text.text?.hasSuffix("Bob wrote:\n> At noon?\n>\n>> earlier\n") == true)
        #expect(text.html == nil)
        let html = answer(.reply, to: both, quotes: true) { $0.html = "<html><body>Yes</body></html>" }
        #expect(html.text == nil)
        #expect(
            html.html?.contains("<blockquote type=\"cite\"><p>At <b>noon</b>?</p></blockquote></body></html>") == true)
        let plain = answer(.reply, to: original { $0.text = "1 < 2 & 'x'" }, quotes: true) { $0.html = "Yes" }
        #expect(plain.html?.contains("1 &lt; 2 &amp; &#39;x&#39;") == true)
    }

    @Test func `what is passed on comes with its head, its files and the images in it`() {
        let message = original {
            $0.html = "<img src=\"cid:a@x\">"
            $0.attachments = [
                Attachment(
                    id: PartID(rawValue: "2"), name: "a.png", type: "image/png", size: 1, isInline: true,
                    contentID: "a@x"),
                Attachment(id: PartID(rawValue: "3"), name: "b.pdf", type: "application/pdf", size: 1, isInline: false),
            ]
        }
        let draft = answer(.forward, to: message) { $0.to = [Correspondent(email: "x@example.net")] }
        #expect(draft.subject == "Fwd: Lunch")
        #expect(draft.to.map(\.email) == ["x@example.net"])
        #expect(draft.text?.contains("From: Bob <bob@example.net>\n") == true)
        #expect(draft.text?.contains("\nAt noon?") == true)
        #expect(draft.html?.contains("<img src=\"cid:a@x\">") == true)
        #expect(draft.attachments.map(\.contentID) == ["a@x", nil])
        #expect(
            draft.attachments.map(\.content) == [
                .stored(message.id, PartID(rawValue: "2")), .stored(message.id, PartID(rawValue: "3")),
            ])
        #expect(header("In-Reply-To", of: draft) == nil)
        let bare = answer(.forward, to: message, quotes: false, attachments: false)
        #expect(bare.attachments.isEmpty && bare.text == "Yes.")
    }

    @Test func `nothing of a stranger's header can break ours`() {
        let message = original {
            $0.subject = "a\r\nBcc: x@y.test"
            $0.from = [Correspondent(name: "B\nob", email: "bob@example.net"), Correspondent(email: "no address")]
            $0.references = ["ok@x", "two words", "<x"]
        }
        let draft = answer(.reply, to: message)
        #expect(draft.subject == "Re: a  Bcc: x@y.test")
        #expect(draft.to == [Correspondent(name: "B ob", email: "bob@example.net")])
        #expect(header("References", of: draft) == "<ok@x> <2@example.net>")
    }

    @Test(arguments: [
        ("Lunch", "Re: Lunch", "Fwd: Lunch"), ("RE: re: Lunch", "Re: Lunch", "Fwd: RE: re: Lunch"),
        ("AW: Lunch", "Re: Lunch", "Fwd: AW: Lunch"), ("SV: Re[2]: Lunch", "Re: Lunch", "Fwd: SV: Re[2]: Lunch"),
        ("Re^3: Lunch", "Re: Lunch", "Fwd: Re^3: Lunch"), ("回复：午餐", "Re: 午餐", "Fwd: 回复：午餐"),
        ("Fwd: Lunch", "Re: Fwd: Lunch", "Fwd: Lunch"), ("WG: Lunch", "Re: WG: Lunch", "Fwd: Lunch"),
        ("Rest: a poem", "Re: Rest: a poem", "Fwd: Rest: a poem"), ("", "Re:", "Fwd:"), ("Re:", "Re:", "Fwd: Re:"),
    ])
    func `a prefix stands once, whatever language wrote it`(subject: String, reply: String, forward: String) {
        #expect(SubjectPrefix.applied(to: subject, isForward: false) == reply)
        #expect(SubjectPrefix.applied(to: subject, isForward: true) == forward)
    }
}
