import Testing
import Wire

@Suite struct Base32Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ])
    func `knows the answers of the RFC`(plain: String, encoded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
        #expect(Base32.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["m", "mzx", "MY", "my=", "m1", "mz"])
    func `refuses what it would never write`(text: String) {
        #expect(Base32.decode(text) == nil)
    }
}
