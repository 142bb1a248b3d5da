package import Model

/// What has one JSON form: exactly one value.
package protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(self ? "true" : "false") }
}

extension Int64: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(String(self)) }
}

extension Int: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.literal(String(self)) }
}

extension Double: JSONWritable {
    /// JSON has no infinity; a number that is none is null.
    package func write(to writer: inout JSONWriter) { writer.literal(isFinite ? String(describing: self) : "null") }
}

extension Timestamp: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.string(description) }
}

extension AccountID: JSONWritable {}
extension MailboxID: JSONWritable {}
extension EmailID: JSONWritable {}
extension ThreadID: JSONWritable {}
extension SubmissionID: JSONWritable {}
extension TokenID: JSONWritable {}
extension PartID: JSONWritable {}
extension EventID: JSONWritable {}
extension TemplateID: JSONWritable {}

extension Identifier where Self: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}

/// One page of a list: `data`, `nextCursor`, and nothing else.
package struct JSONPage<Element: JSONWritable>: JSONWritable {
    package let data: [Element]
    package let nextCursor: String?

    package init(data: [Element], nextCursor: String?) {
        self.data = data
        self.nextCursor = nextCursor
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("data", array: data)
            writer.member("nextCursor", nextCursor)
        }
    }
}
