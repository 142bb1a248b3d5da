import Wire

/// One header field as it stood in the message.
package struct HeaderField: Sendable, Equatable {
    /// As written.
    package let name: String
    /// The octets after the colon, with their folds, without the last line end.
    package let rawValue: [UInt8]

    package init(name: String, rawValue: [UInt8]) {
        self.name = name
        self.rawValue = rawValue
    }

    /// Whether this is the field of that name; field names know no case.
    package func isNamed(_ other: String) -> Bool {
        let left = name.utf8
        let right = other.utf8
        return left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
    }
}
