/// One link of a `Link` field (RFC 8288).
package struct Link: Sendable, Equatable {
    package let target: String
    package let relation: String

    package init(_ target: String, relation: String) {
        self.target = target
        self.relation = relation
    }

    /// As it stands in the field; `<`, `>` and blanks in the target are percent-encoded, so it cannot end early.
    package var value: String {
        let escaped = target.utf8.map { byte in
            byte > 0x20 && byte < 0x7F && byte != 0x3C && byte != 0x3E
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "<" + escaped.joined() + ">; rel=" + quoted(relation)
    }
}
