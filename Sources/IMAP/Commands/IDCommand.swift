/// ID (RFC 2971): who we are, and who the server is.
package struct IDCommand: IMAPCommand {
    private let fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    package var name: StaticString { "ID" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: [String: String] { [:] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("ID ")
        guard !fields.isEmpty else { return encoder.raw("NIL") }
        encoder.raw("(")
        for (index, field) in fields.enumerated() {
            if index > 0 { encoder.space() }
            try encoder.string(field.name)
            encoder.space()
            try encoder.string(field.value)
        }
        encoder.raw(")")
    }

    package func collect(_ response: UntaggedResponse, into result: inout [String: String]) -> Bool {
        guard case .id(let fields) = response else { return false }
        result = fields
        return true
    }
}
