import SASL
import Testing

/// The table of RFC 4013 section 3, and the rules behind it.
@Suite struct SASLprepTests {
    @Test(arguments: [
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"),
        ("a\u{A0}b", "a b"), ("", ""), ("gr\u{FC}n", "gr\u{FC}n"), ("u\u{308}", "\u{FC}"),
    ]) func `prepares`(text: String, prepared: String) {
        #expect(SASLprep.prepare(text)?.unicodeScalars.elementsEqual(prepared.unicodeScalars) == true)
    }

    /// A control character, text of two directions, NUL, a surrogate's neighbour that is no character.
    @Test(arguments: ["\u{7}", "\u{627}1", "a\0b", "\u{FFFE}"]) func `forbids`(text: String) {
        #expect(SASLprep.prepare(text) == nil)
        #expect(SASLprep.preparedOrAsIs(text) == text)
    }

    @Test func `what grows most still fits`() {
        let text = String(repeating: "\u{FDFA}", count: 100)
        #expect(SASLprep.prepare(text)?.unicodeScalars.count == 1800)
    }
}
