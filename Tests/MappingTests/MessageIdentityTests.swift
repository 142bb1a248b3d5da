import IMAP
import Mapping
import Model
import Testing

/// What an id is made of, and what it is not.
@Suite struct MessageIdentityTests {
    private func message(_ change: (inout Message) -> Void = { _ in }) -> Message {
        var message = Message(
            id: EmailID(rawValue: ""), mailboxIDs: [MailboxID(rawValue: "a")], keywords: [], size: 1234,
            receivedAt: Timestamp(milliseconds: 1_700_000_000_000))
        message.messageID = "x@example.test"
        message.subject = "Re: plan"
        message.sentAt = Timestamp(milliseconds: 1_600_000_000_000)
        message.from = [Correspondent(email: "a@example.test")]
        change(&message)
        return message
    }

    private func id(_ change: (inout Message) -> Void = { _ in }) -> EmailID {
        MessageIdentity(of: message(change), nil).email
    }

    @Test func `an id does not depend on where the message lies, when it came there and what was done to it`() {
        #expect(id().rawValue.count == 16)
        #expect(id { $0.mailboxIDs = [MailboxID(rawValue: "b")] } == id())
        #expect(id { $0.receivedAt = Timestamp(milliseconds: 1) } == id())
        #expect(id { $0.keywords = ["$seen"] } == id())
    }

    @Test func `it depends on what the message is`() {
        let others = [
            id { $0.messageID = "y@example.test" }, id { $0.size = 1235 }, id { $0.sentAt = nil },
            id { $0.from = [Correspondent(email: "b@example.test")] }, id { $0.messageID = nil },
        ]
        #expect(Set(others + [id()]).count == 6)
        // A message that does not name itself is told from another by its arrival.
        #expect(
            id { $0.messageID = nil }
                != id {
                    $0.messageID = nil
                    $0.receivedAt = Timestamp(milliseconds: 1)
                })
    }

    @Test func `parts cannot run into each other`() {
        #expect(
            id {
                $0.messageID = "a"
                $0.from = [Correspondent(email: "1")]
                $0.sentAt = nil
            }
                != id {
                    $0.messageID = "a1"
                    $0.from = []
                    $0.sentAt = nil
                })
    }

    @Test func `a server's own id is the id`() {
        var extras = FetchedExtras()
        extras.emailID = "M123"
        extras.threadID = "T9"
        let identity = MessageIdentity(of: message(), extras)
        #expect(identity.email.rawValue == "M123")
        #expect(identity.thread == .assigned(ThreadID(rawValue: "TT9")))
        extras = FetchedExtras()
        extras.gmailMessageID = 99
        #expect(MessageIdentity(of: message(), extras).email.rawValue == "g99")
    }

    @Test func `a message and its answer share a reference, under another subject they do not`() {
        func hashes(_ change: (inout Message) -> Void) -> (Set<Int64>, ThreadID)? {
            guard case .references(let hashes, let fallback) = MessageIdentity(of: message(change), nil).thread else {
                return nil
            }
            return (Set(hashes), fallback)
        }
        let root = hashes { $0.subject = "Plan" }
        let answer = hashes {
            $0.messageID = "z@example.test"
            $0.inReplyTo = ["x@example.test"]
            $0.subject = "RE: [list] plan"
        }
        let changed = hashes {
            $0.messageID = "z@example.test"
            $0.inReplyTo = ["x@example.test"]
            $0.subject = "something else"
        }
        #expect(root?.0.intersection(answer?.0 ?? []).count == 1)
        #expect(root?.1 == answer?.1)
        #expect(root?.0.isDisjoint(with: changed?.0 ?? []) == true)
    }
}
