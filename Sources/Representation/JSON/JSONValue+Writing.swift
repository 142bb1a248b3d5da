extension JSONValue: JSONWritable {
    /// The text that was read, but for white space.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): value.write(to: &writer)
        case .number(let text): writer.literal(text)
        case .string(let text): writer.string(text)
        case .array(let elements): writer.array(elements) { $0.value($1) }
        case .object(let members):
            writer.object { writer in
                for member in members { writer.member(member.name, member.value) }
            }
        }
    }
}
