import Testing
import Wire

@Suite struct SecretTests {
    private struct Holder {
        let name = "alice"
        let password = Secret("hunter2")
        let others = [Secret("hunter2")]
        let maybe: Secret? = Secret("hunter2")
    }

    @Test func `never prints itself`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(), to: &dumped)
        dump(secret, to: &dumped)
        let printed = [
            "\(secret)", String(reflecting: secret), "\(Holder())", String(reflecting: Holder()), dumped,
            String(describing: Mirror(reflecting: secret).children.map { "\($0)" }), "\([secret])",
            "\(["key": secret])",
        ]
        for text in printed { #expect(!text.contains("hunter2"), "\(text)") }
        #expect("\(secret)" == "<secret>")
        #expect(dumped.contains("<secret>"))
    }

    @Test func `compares octets, not characters`() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("a") != Secret("ab"))
        #expect(Secret("\u{E9}") != Secret("e\u{301}"))
        #expect(Secret("p").revealed == "p")
    }
}
