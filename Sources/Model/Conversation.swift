/// Messages that answer each other.
package struct Conversation: Sendable {
    package var id: ThreadID
    /// Oldest first.
    package var messageIDs: [EmailID]
    /// In a list only the newest, alone all of them.
    package var messages: [Message]

    package init(id: ThreadID, messageIDs: [EmailID], messages: [Message]) {
        self.id = id
        self.messageIDs = messageIDs
        self.messages = messages
    }
}
