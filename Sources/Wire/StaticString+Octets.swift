extension StaticString {
    /// The octets of a text of the program.
    package var octets: [UInt8] {
        withUTF8Buffer { unsafe Array($0) }
    }
}
