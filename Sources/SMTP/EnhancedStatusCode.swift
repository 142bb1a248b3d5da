package import Wire

/// An enhanced mail system status code, for example `5.1.1` (RFC 3463, RFC 2034).
package struct EnhancedStatusCode: Sendable, Hashable, CustomStringConvertible {
    /// 2 success, 4 transient, 5 permanent.
    package let category: Int
    package let subject: Int
    package let detail: Int

    package init(_ category: Int, _ subject: Int, _ detail: Int) {
        self.category = category
        self.subject = subject
        self.detail = detail
    }

    package var description: String { "\(category).\(subject).\(detail)" }

    /// Takes a code that ends at a blank or at the end; leaves the cursor where it was when there is none.
    ///
    /// `status-code = ("2"/"4"/"5") "." 1*3DIGIT "." 1*3DIGIT`
    package static func take(from cursor: inout ByteCursor) -> EnhancedStatusCode? {
        let start = cursor.position
        if let code = takeUnchecked(&cursor), cursor.isAtEnd || cursor.take(UInt8(ascii: " ")) { return code }
        cursor.position = start
        return nil
    }

    private static func takeUnchecked(_ cursor: inout ByteCursor) -> EnhancedStatusCode? {
        guard let category = takeNumber(&cursor), [2, 4, 5].contains(category), cursor.take(UInt8(ascii: ".")),
            let subject = takeNumber(&cursor), cursor.take(UInt8(ascii: ".")), let detail = takeNumber(&cursor)
        else { return nil }
        return EnhancedStatusCode(category, subject, detail)
    }

    private static func takeNumber(_ cursor: inout ByteCursor) -> Int? {
        let start = cursor.position
        guard let number = cursor.takeNumber(), cursor.position - start <= 3 else { return nil }
        return Int(number)
    }
}
