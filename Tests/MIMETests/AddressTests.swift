import MIME
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "a@b", "simple@example.com", "very.common+tag@example.co.uk", "x@localhost", "\"quoted string\"@example.com",
        "\"a\\\"b\"@example.com", "user@[192.0.2.1]", "user@[IPv6:2001:db8::1]", "user@[IPv6:::ffff:192.0.2.1]",
        "!#$%&'*+-/=?^_`{|}~@example.com", "jøran@blåbærgrød.example", "用户@例子.广告", "a@1-2.example", "a@b。example",
        String(repeating: "a", count: 64) + "@example.com",
    ])
    func `accepts an address`(email: String) throws {
        let address = try EmailAddress(validating: email)
        #expect(address.email == email)
    }

    static let faults: [(String, AddressFault)] = [
        ("", AddressFault.empty), ("plain", .missingAt), ("@example.com", .invalidLocalPart), ("a@", .invalidDomain),
        ("a b@example.com", .invalidLocalPart), (".a@example.com", .invalidLocalPart),
        ("a.@example.com", .invalidLocalPart),
        ("a..b@example.com", .invalidLocalPart), ("a@b@example.com", .invalidLocalPart),
        ("<a@example.com>", .invalidLocalPart),
        ("a,b@example.com", .invalidLocalPart), ("\"a\"b\"@example.com", .invalidLocalPart),
        ("\"@example.com", .invalidLocalPart),
        ("a@-example.com", .invalidDomain), ("a@example-.com", .invalidDomain), ("a@exa mple.com", .invalidDomain),
        ("a@example..com", .invalidDomain), ("a@example.com.", .invalidDomain), ("a@exa_mple.com", .invalidDomain),
        ("a@[1.2.3]", .invalidDomain), ("a@[1.2.3.256]", .invalidDomain), ("a@[IPv6:1::2::3]", .invalidDomain),
        ("a@[IPv6:1:2:3:4:5:6:7]", .invalidDomain), ("a@example.com>", .invalidDomain), ("a@☃💥 .com", .invalidDomain),
        ("a@example.com\r\nBcc: b@example.com", .controlCharacter), ("a\u{0}@example.com", .controlCharacter),
        (String(repeating: "a", count: 65) + "@example.com", .localPartTooLong),
        ("a@" + String(repeating: "b", count: 64) + ".com", .invalidDomain),
        (String(repeating: "a", count: 64) + "@" + String(repeating: "bcdef.", count: 40) + "com", .tooLong),
        ("John <a@example.com>", .invalidLocalPart), ("a\u{A0}b@example.com", .invalidLocalPart),
    ]

    @Test(arguments: faults)
    func `refuses what is none`(email: String, fault: AddressFault) {
        #expect(throws: fault) { try EmailAddress(validating: email) }
    }

    /// RFC 3492, section 7.1, and names of real life.
    static let samples: [(String, String)] = [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"), ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"),
        ("安室奈美恵-with-SUPER-MONKEYS", "-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n"), ("パフィーdeルンバ", "de-jg4avhby1noc0d"),
    ]

    @Test(arguments: samples)
    func `knows the samples of Punycode`(name: String, encoded: String) {
        let wanted = encoded.lowercased()
        let label = Punycode.asciiDomain(name)
        let isLabel = name.unicodeScalars.allSatisfy { $0 != "؟" }
        #expect(label == (isLabel && !name.hasPrefix("-") ? "xn--" + wanted : nil))
    }

    @Test func `writes domains in ASCII`() {
        #expect(Punycode.asciiDomain("Bücher.example") == "xn--bcher-kva.example")
        #expect(Punycode.asciiDomain("münchen。de") == "xn--mnchen-3ya.de")
        #expect(Punycode.asciiDomain("MU\u{308}NCHEN.de") == "xn--mnchen-3ya.de")
        #expect(Punycode.asciiDomain("ＥＸample．ｄｅ") == "example.de")
        #expect(Punycode.asciiDomain("EXAMPLE.com") == "EXAMPLE.com")
        #expect(Punycode.asciiDomain("a b.com") == nil)
    }

    @Test func `keeps the groups`() {
        let groups = AddressGroup.parse(Array("a@x, Friends: b@x, C <c@x>;, d@x, Nobody:;".utf8))
        #expect(
            groups == [
                AddressGroup(name: nil, addresses: [EmailAddress(email: "a@x")]),
                AddressGroup(
                    name: "Friends", addresses: [EmailAddress(email: "b@x"), EmailAddress(name: "C", email: "c@x")]),
                AddressGroup(name: nil, addresses: [EmailAddress(email: "d@x")]),
                AddressGroup(name: "Nobody", addresses: []),
            ])
    }

    @Test func `never decodes an address`() {
        let groups = AddressGroup.parse(Array("<=?utf-8?q?evil=40example.com=3E?=@good.example>".utf8))
        #expect(groups.first?.addresses.first?.email == "=?utf-8?q?evil=40example.com=3E?=@good.example")
    }
}
