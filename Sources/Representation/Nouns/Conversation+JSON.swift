package import Model

extension Conversation: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("messageIds", array: messageIDs)
            writer.member("messages", array: messages.map { MessageSummary($0) })
        }
    }
}
