import Mapping
package import Model
package import Store

/// Which messages go where a caller deletes some by their ids: a pure function of what their headers are like now.
package struct MaildropDeletion: Sendable, Equatable {
    /// Those to delete, by their numbers.
    package private(set) var numbers: Set<Int> = []
    /// UIDs of what is another message by now.
    package private(set) var strangers: [UInt32] = []
    /// UIDs of what may be the message that is meant, or another.
    package private(set) var unsure: [UInt32] = []

    package init() {}

    /// `ids` has the id of each UID; `headers` goes by number, without those that cannot be read.
    package init(_ messages: [EnrolledMessage], named ids: [UInt32: EmailID], headers: [Int: [UInt8]]) {
        for alike in Dictionary(grouping: messages, by: { ids[$0.uid] }).values {
            let judged = alike.map { message in
                (message, message.sameness(headers[message.number].map(MaildropMessage.fingerprint)))
            }
            strangers += judged.filter { $0.1 == .other }.map(\.0.uid)
            let own = judged.filter { $0.1 != .other }
            let areOne = own.count < 2 || Self.areOne(own.map(\.0), headers)
            for (message, sameness) in own {
                if areOne, sameness == .same { numbers.insert(message.number) } else { unsure.append(message.uid) }
            }
        }
        strangers.sort()
        unsure.sort()
    }

    /// Whether they are copies of one message, by the ids that they say themselves: of an id that was given without a header several
    /// may bear the same, which have nothing else in common.
    private static func areOne(_ messages: [EnrolledMessage], _ headers: [Int: [UInt8]]) -> Bool {
        let said = Set(
            messages.map { message in
                headers[message.number].map { MaildropMessage.email(header: $0, size: message.size) }
            })
        return said.count == 1 && !said.contains(nil)
    }
}
