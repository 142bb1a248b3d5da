/// Turns text of a labelled charset into UTF-8 piece by piece; what cannot be decoded becomes U+FFFD.
package struct CharsetDecoder: ~Copyable {
    package private(set) var problem: MIMEProblem?

    /// A missing or meaningless label (`unknown-8bit`) is read as UTF-8 while it is, then as windows-1252.
    package init(label: String?) {}

    package mutating func decode(_ chunk: [UInt8]) -> [UInt8] { chunk }
    package mutating func finish() -> [UInt8] { [] }
}
