/// A JSON text as a tree; members keep their order, numbers their spelling.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// What a person would call it, with its article.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// The part of `pointer` that leads to something here: `/to/1/email` becomes `/to/1` where that is a string.
    ///
    /// The engines name members of their own values; a caller may have written the shorter form.
    package func existing(_ pointer: String) -> String {
        var value = self
        var path = ""
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            switch value {
            case .object:
                path += "/" + token
                guard let next = value[JSONPointer.unescape(token)] else { return path }
                value = next
            case .array(let elements):
                path += "/" + token
                guard let index = Int(token), elements.indices.contains(index) else { return path }
                value = elements[index]
            default: return path
            }
        }
        return path
    }
}

/// A name with its value.
package struct JSONMember: Sendable, Equatable {
    package let name: String
    package let value: JSONValue

    package init(name: String, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// RFC 6901.
package enum JSONPointer {
    package static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == 0x7E || $0 == 0x2F }) else { return token }
        return token.reduce(into: "") { $0 += $1 == "~" ? "~0" : $1 == "/" ? "~1" : String($1) }
    }

    package static func unescape(_ token: Substring) -> String {
        var text = ""
        var characters = token.makeIterator()
        while let character = characters.next() {
            guard character == "~" else {
                text.append(character)
                continue
            }
            text.append(characters.next() == "1" ? "/" : "~")
        }
        return text
    }
}
