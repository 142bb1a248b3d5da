import Mapping
import Model
import RemoteMail
import Store
import Testing

/// What a caller who deletes by an id may delete.
@Suite struct MaildropDeletionTests {
    private let id = EmailID(rawValue: "X")

    private func header(_ id: String, received: String = "here") -> [UInt8] {
        Array("Received: by \(received)\r\nMessage-ID: <\(id)@b>\r\n\r\n".utf8)
    }

    private func message(_ number: Int, _ header: [UInt8]?) -> EnrolledMessage {
        EnrolledMessage(
            number: number, uid: UInt32(10 * number), size: 100, fingerprint: header.map(MaildropMessage.fingerprint),
            uniqueID: "u\(number)")
    }

    private func decide(_ messages: [EnrolledMessage], _ headers: [Int: [UInt8]]) -> MaildropDeletion {
        MaildropDeletion(
            messages, named: Dictionary(uniqueKeysWithValues: messages.map { ($0.uid, id) }), headers: headers)
    }

    @Test func `one goes that is what it was, or was never read`() {
        let known = message(1, header("a"))
        #expect(decide([known], [1: header("a")]).numbers == [1])
        #expect(decide([message(1, nil)], [1: header("a")]).numbers == [1])
        #expect(decide([message(1, nil)], [:]).numbers == [1])
        let usurped = decide([known], [1: header("b")])
        #expect(usurped.numbers.isEmpty && usurped.strangers == [10] && usurped.unsure.isEmpty)
        let hidden = decide([known], [:])
        #expect(hidden.numbers.isEmpty && hidden.unsure == [10])
    }

    @Test func `of several with one id none goes unless they are one message`() {
        // Numbered without their headers: their size was all that they had in common.
        let unread = [message(1, nil), message(2, nil)]
        let readings: [[Int: [UInt8]]] = [[:], [1: header("a")], [1: header("a"), 2: header("b")]]
        for headers in readings {
            let refused = decide(unread, headers)
            #expect(refused.numbers.isEmpty && refused.unsure == [10, 20] && refused.strangers.isEmpty)
        }
        // Read later, and known to be others since.
        let read = decide([message(1, header("a")), message(2, header("b"))], [1: header("a"), 2: header("b")])
        #expect(read.numbers.isEmpty && read.unsure == [10, 20])
        #expect(decide(unread, [1: header("a"), 2: header("a")]).numbers == [1, 2])
    }

    /// What came twice differs in nothing but its way.
    @Test func `copies of one message go together`() {
        let (first, second) = (header("a", received: "x"), header("a", received: "y"))
        let copies = [message(1, first), message(2, second)]
        #expect(decide(copies, [1: first, 2: second]).numbers == [1, 2])
        // One of the two ids is another message's by now.
        let usurped = decide(copies, [1: first, 2: header("b")])
        #expect(usurped.numbers == [1] && usurped.strangers == [20] && usurped.unsure.isEmpty)
    }

    @Test func `messages with ids of their own do not hold up each other`() {
        let (first, second) = (message(1, header("a")), message(2, header("b")))
        let both = MaildropDeletion(
            [first, second], named: [10: EmailID(rawValue: "A"), 20: EmailID(rawValue: "B")], headers: [1: header("a")])
        #expect(both.numbers == [1] && both.unsure == [20])
    }
}
