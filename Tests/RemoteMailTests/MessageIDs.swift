import Mapping
import Model

/// Ids of messages of the scripted inbox.
enum MessageIDs {
    static func id(uid: UInt32) -> EmailID? {
        MessageKey(mailbox: MailboxID(path: "INBOX"), uidValidity: 7, uid: uid).id
    }
}
