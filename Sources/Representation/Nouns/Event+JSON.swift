package import Model

/// The envelope in which every way out (list, stream, webhook) shows an event.
extension Event: JSONWritable {
    package func write(to writer: inout JSONWriter) { write(to: &writer, data: data) }

    /// The envelope with other data than the log's: for a webhook that wants bodies too.
    package func write(to writer: inout JSONWriter, data: [UInt8]) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("sequence", sequence)
            writer.member("type", type.rawValue)
            writer.member("timestamp", timestamp)
            writer.member("accountId", accountID)
            writer.member("data", json: data)
        }
    }
}
