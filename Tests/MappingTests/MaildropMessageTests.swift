import Mapping
import Model
import Testing

/// What a message of a maildrop is known by.
@Suite struct MaildropMessageTests {
    private let place = MessagePlace(mailbox: MailboxID(path: "INBOX"), uidValidity: 1, uid: 7)

    private func unread(_ name: String, _ size: Int) -> Message {
        MaildropMessage.make(unread: name, size: size, place: place, seenAt: Timestamp(milliseconds: 5))
    }

    @Test func `without its header is told from others of its size by its name`() throws {
        let message = unread("uidl1", 10)
        #expect(message.id == unread("uidl1", 10).id)
        #expect(Set([message, unread("uidl2", 10), unread("uidl1", 11)].map(\.id)).count == 3)
        #expect(Set([message, unread("uidl2", 10)].map(\.threadID)).count == 2)
        let identity = try #require(message.identity)
        #expect(identity.email == message.id && identity.thread.thread == message.threadID)
        let thread = try #require(message.threadID)
        #expect(ConversationID(thread) != nil)
        #expect(message.problems == ["unreadable-header"] && message.size == 10 && message.place == place)
        #expect(message.receivedAt == Timestamp(milliseconds: 5))
        #expect(message.id != MaildropMessage.email(header: [], size: 10), "nor is it one whose header is empty")
    }

    @Test func `has the id that its header and its size say`() {
        let header = Array("Message-ID: <a@b>\r\nSubject: x\r\n\r\n".utf8)
        let made = MaildropMessage.make(
            header: header, size: 10, keywords: ["$seen"], place: place, seenAt: Timestamp(milliseconds: 5))
        #expect(MaildropMessage.email(header: header, size: 10) == made.id)
        #expect(MaildropMessage.email(header: header, size: 11) != made.id)
    }
}
