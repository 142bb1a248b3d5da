/// A password, token or key that cannot be printed by accident.
///
/// It shows `<secret>` in `print`, interpolation, `dump`, a debugger and in every value that contains it, in every build.
/// To read it one must write `.revealed`, which is easy to look for.
package struct Secret: Hashable, Sendable {
    /// The text itself: hand it to the wire or to a cipher, to nothing else.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var isEmpty: Bool { revealed.isEmpty }
    package var utf8: [UInt8] { Array(revealed.utf8) }

    /// Compares all octets whatever they are, so that the time taken says nothing about where they differ.
    ///
    /// By octet and not by canonical equivalence: two spellings of a character are two passwords.
    package static func == (left: Secret, right: Secret) -> Bool {
        let left = Array(left.revealed.utf8)
        let right = Array(right.revealed.utf8)
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(revealed) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
