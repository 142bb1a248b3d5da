/// Changes single fields of a raw message and leaves every other octet as it is.
package struct HeaderEditor {
    package private(set) var message: [UInt8]

    package init(_ message: [UInt8]) { self.message = message }

    package mutating func remove(_ name: String) {}
    /// Puts a field in front of the others.
    package mutating func prepend(_ name: String, _ value: String) throws(ComposeError) {}
    package func contains(_ name: String) -> Bool { false }
}
