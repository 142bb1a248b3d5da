import Wire

/// A status line of a server (RFC 1939, 3).
package struct POP3Reply: Sendable, Equatable, CustomStringConvertible {
    package let isOK: Bool
    /// The response code in brackets, upper case, without them (RFC 2449, 8): `IN-USE`, `SYS/TEMP`.
    package let code: String?
    /// What follows; controls are blanks, what is not UTF-8 is U+FFFD.
    package let text: String

    package init(isOK: Bool, code: String? = nil, text: String = "") {
        self.isOK = isOK
        self.code = code
        self.text = text
    }

    package var description: String { "\(isOK ? "+OK" : "-ERR")\(code.map { " [\($0)]" } ?? "") \(text)" }

    /// `"+OK" / "-ERR" [SP "[" resp-code "]"] [SP text]`; nil for any other line.
    init?(_ line: Span<UInt8>) {
        var cursor = ByteCursor(line)
        if cursor.take(caseInsensitive: "+OK") {
            isOK = true
        } else if cursor.take(caseInsensitive: "-ERR") {
            isOK = false
        } else {
            return nil
        }
        // `+OKAY` is no reply; a text right behind the word is, as old servers write `+OK<…>`.
        if let next = cursor.peek, ByteSet.letters.contains(next) { return nil }
        cursor.skip(while: .blanks)
        code = Self.takeCode(&cursor)
        cursor.skip(while: .blanks)
        text = Self.printable(cursor.array(cursor.position..<line.count))
    }

    private static func takeCode(_ cursor: inout ByteCursor) -> String? {
        let start = cursor.position
        guard cursor.take(UInt8(ascii: "[")) else { return nil }
        let range = cursor.takeRange(while: codeOctets)
        guard !range.isEmpty, range.count <= 64, cursor.take(UInt8(ascii: "]")) else {
            cursor.position = start
            return nil
        }
        return cursor.text(range).uppercased()
    }

    private static let codeOctets = ByteSet.letters.union(.digits).union(ByteSet(and: "-/_."))

    private static func printable(_ bytes: [UInt8]) -> String {
        let clean = bytes.map { ByteSet.controls.contains($0) ? 0x20 : $0 }
        guard let first = clean.firstIndex(where: { $0 != 0x20 }), let last = clean.lastIndex(where: { $0 != 0x20 })
        else { return "" }
        return String(decoding: clean[first...last], as: UTF8.self)
    }
}

extension POP3Reply {
    /// Why a server says no, as far as it tells.
    package enum Refusal: Sendable, Equatable {
        /// Another session has the maildrop (RFC 2449, 8.1.1).
        case inUse
        /// We came too early (RFC 2449, 8.1.2).
        case loginDelay
        /// A fault of the server that will pass (RFC 3206).
        case temporary
        /// A fault of the server that somebody has to mend (RFC 3206).
        case permanent
        /// The credentials (RFC 3206).
        case credentials
        /// It does not say.
        case other
    }

    /// By the code where there is one, else by what servers without codes are known to write.
    package var refusal: Refusal {
        switch code {
        case "IN-USE"?: return .inUse
        case "LOGIN-DELAY"?: return .loginDelay
        case "SYS/TEMP"?: return .temporary
        case "SYS/PERM"?: return .permanent
        case "AUTH"?: return .credentials
        default: break
        }
        let words = text.lowercased()
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        // qpopper, Courier, teapop, Exchange, UW: none has response codes.
        if says(
            "already locked", "maildrop lock", "mailbox is locked", "mailbox locked", "lock busy", "unable to lock",
            "can't lock", "cannot lock", "could not lock", "is being used by another", "in use by another",
            "already in use", "another pop", "already logged in")
        {
            return .inUse
        }
        if says("minimum time between", "exceeded the login limit", "login too", "too frequent", "too often") {
            return .loginDelay
        }
        if says("temporar", "try again later", "too many connections", "server busy") { return .temporary }
        return .other
    }
}
