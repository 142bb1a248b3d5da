import Wire

/// An `Authentication-Results` field (RFC 8601, 2.2): what a server found out about a message's sender.
///
/// Comments and folds may stand between any two tokens. A statement that cannot be read is left out; without a name of the server
/// the whole field says nothing.
package struct AuthenticationResults: Sendable, Equatable {
    /// One method's result; method and result in lower case.
    package struct Statement: Sendable, Equatable {
        package var method: String
        /// Of the method; 1 where nothing is said.
        package var version: Int
        package var result: String
        package var reason: String?
        package var properties: [Property]
    }

    /// `header.d=example.org`: what the result is about.
    package struct Property: Sendable, Equatable {
        /// `smtp`, `header`, `body`, `policy`, …; lower case.
        package var type: String
        package var name: String
        package var value: String
    }

    package var authservID: String
    package var version: Int
    package var statements: [Statement] = []

    /// Reads a field's value; nil where it names no server, or is of a version that nobody knows yet.
    package init?(parsing value: [UInt8]) {
        var cursor = ByteCursor(value.span)
        _ = cursor.skipCFWS()
        guard let id = Self.value(&cursor, Self.nameOctets), !id.isEmpty else { return nil }
        authservID = id
        version = 1
        _ = cursor.skipCFWS()
        if let digits = Self.word(&cursor, Self.digits) {
            guard let number = Int(digits), number == 1 else { return nil }
            version = number
        }
        _ = cursor.skipCFWS()
        // Microsoft writes no name of a server: what stands first is a method then.
        guard cursor.isAtEnd || cursor.peek == UInt8(ascii: ";") else { return nil }
        while cursor.take(UInt8(ascii: ";")), statements.count < Self.mostStatements {
            if let statement = Self.statement(&cursor) { statements.append(statement) }
            Self.skipToSemicolon(&cursor)
        }
    }

    private static func statement(_ cursor: inout ByteCursor) -> Statement? {
        _ = cursor.skipCFWS()
        guard let method = word(&cursor, keyword) else { return nil }
        _ = cursor.skipCFWS()
        var version = 1
        if cursor.take(UInt8(ascii: "/")) {
            _ = cursor.skipCFWS()
            guard let number = word(&cursor, digits).flatMap({ Int($0) }) else { return nil }
            version = number
            _ = cursor.skipCFWS()
        }
        guard cursor.take(UInt8(ascii: "=")) else { return nil }
        _ = cursor.skipCFWS()
        guard let result = word(&cursor, keyword) else { return nil }
        var statement = Statement(
            method: method.lowercased(), version: version, result: result.lowercased(), properties: [])
        while statement.properties.count < mostProperties, cursor.skipCFWS() || cursor.peek == 0x2E {
            guard let word = word(&cursor, keyword) else { break }
            _ = cursor.skipCFWS()
            if cursor.take(UInt8(ascii: "=")) {
                // `reason=`, and what some write without a type, as Microsoft's `action=none`.
                _ = cursor.skipCFWS()
                guard let value = self.value(&cursor) else { break }
                if word.lowercased() == "reason" { statement.reason = statement.reason ?? value }
                continue
            }
            guard cursor.take(UInt8(ascii: ".")) else { break }
            _ = cursor.skipCFWS()
            guard let name = self.word(&cursor, keyword) else { break }
            _ = cursor.skipCFWS()
            guard cursor.take(UInt8(ascii: "=")) else { break }
            _ = cursor.skipCFWS()
            guard let value = self.value(&cursor) else { break }
            statement.properties.append(Property(type: word.lowercased(), name: name.lowercased(), value: value))
        }
        return statement
    }

    /// A token, a quoted string, or an address: `"j doe"@example.org` too.
    private static func value(_ cursor: inout ByteCursor, _ set: ByteSet = valueOctets) -> String? {
        var octets: [UInt8] = []
        var isQuoted = false
        while let next = cursor.peek {
            if next == 0x22 {
                guard let (text, isClosed) = cursor.takeQuotedString(), isClosed else { return nil }
                octets += text
                isQuoted = true
            } else if set.contains(next) {
                octets += cursor.array(cursor.takeRange(while: set))
            } else {
                break
            }
            guard octets.count <= mostOctets else { return nil }
        }
        return octets.isEmpty && !isQuoted ? nil : String(decoding: octets, as: UTF8.self)
    }

    private static func word(_ cursor: inout ByteCursor, _ set: ByteSet) -> String? {
        let range = cursor.takeRange(while: set)
        return range.isEmpty || range.count > mostOctets ? nil : cursor.text(range)
    }

    private static func skipToSemicolon(_ cursor: inout ByteCursor) {
        while let next = cursor.peek, next != UInt8(ascii: ";") {
            if next == 0x22 {
                _ = cursor.takeQuotedString()
            } else if !cursor.skipCFWS() {
                _ = cursor.takeByte()
            }
        }
    }

    private static let mostStatements = 50
    private static let mostProperties = 50
    private static let mostOctets = 1000
    private static let digits = ByteSet.digits
    private static let keyword = ByteSet.letters.union(.digits).union(ByteSet(and: "-_"))
    /// More than tokens: addresses, and what should have been quoted, such as addresses of IPv6 and base64.
    private static let valueOctets = ByteSet(
        0x21...0x21, 0x23...0x27, 0x2A...0x3A, 0x3C...0x5B, 0x5D...0x7E, 0x80...0xFF)
    private static let nameOctets = ByteSet.letters.union(.digits).union(ByteSet(0x80...0xFF, and: "-_.:[]"))
}
