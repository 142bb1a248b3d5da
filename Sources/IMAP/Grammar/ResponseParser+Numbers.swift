import Wire

/// Numbers, and what servers send in their place.
extension ResponseParser {
    /// A number of at most 32 bits.
    func number32(_ cursor: inout ByteCursor, _ name: String = "a number") throws(SyntaxError) -> UInt32 {
        guard let number = UInt32(exactly: try cursor.expectNumber(name)) else { throw cursor.error(name) }
        return number
    }

    /// UIDVALIDITY, folded where it is larger than the 32 bits that it may have.
    mutating func uidValidity(_ cursor: inout ByteCursor) throws(SyntaxError) -> UInt32 {
        let number = try cursor.expectNumber()
        if let validity = UInt32(exactly: number) { return validity }
        note(.wideUIDValidity)
        return max(1, UInt32(truncatingIfNeeded: number ^ number >> 32))
    }

    /// number64, or what servers send in its place: NIL, a quoted number, a negative one, Mail.ru's `9.3736e+06`.
    mutating func looseNumber(_ cursor: inout ByteCursor) throws(SyntaxError) -> UInt64? {
        let start = cursor.position
        if let number = cursor.takeNumber() {
            guard let next = cursor.peek, next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") else {
                return number
            }
            note(.badNumber)
            cursor.position = start
            let text = cursor.text(try atom(&cursor, "a number"))
            return Double(text).flatMap { UInt64(exactly: $0.rounded()) }
        }
        if takeNIL(&cursor) {
            note(.unexpectedNIL)
            return nil
        }
        note(.badNumber)
        if cursor.peek == UInt8(ascii: "\"") { return UInt64(try quoted(&cursor)) }
        _ = try atom(&cursor, "a number")
        return nil
    }
}
