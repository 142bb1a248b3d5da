import SASL
import Testing
import Wire

@Suite struct MechanismTests {
    /// The examples of RFC 4616 section 4.
    @Test(arguments: [
        ("", "tim", "tanstaaftanstaaf", "\0tim\0tanstaaftanstaaf"),
        ("Ursel", "Kurt", "xipj3plmq", "Ursel\0Kurt\0xipj3plmq"),
    ]) func `PLAIN writes the messages of its RFC`(identity: String, user: String, password: String, message: String)
        throws
    {
        var plain = PLAIN(username: user, password: Secret(password), authorizationID: identity)
        #expect(!plain.isComplete)
        #expect(try plain.initialResponse() == Array(message.utf8))
        #expect(plain.isComplete)
        #expect(throws: SASLError.unexpectedChallenge) { try plain.respond(to: []) }
    }

    @Test(arguments: [("a\0b", "x", ""), ("a", "x\0y", ""), ("a", "x", "\0")])
    func `PLAIN refuses NUL`(user: String, password: String, identity: String) {
        var plain = PLAIN(username: user, password: Secret(password), authorizationID: identity)
        #expect(throws: SASLError.forbiddenOctet) { try plain.initialResponse() }
        #expect(!plain.isComplete)
    }

    @Test func `LOGIN refuses NUL and an empty name`() {
        var login = LOGIN(username: "a", password: Secret("x\0"))
        #expect(throws: SASLError.forbiddenOctet) { try login.initialResponse() }
        login = LOGIN(username: "", password: Secret("x"))
        #expect(throws: SASLError.emptyIdentity) { try login.initialResponse() }
    }

    /// Dovecot, Exchange with its trailing NUL, a translated one, an empty one, and text that is no base64.
    @Test(arguments: [
        ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("VXNlciBOYW1lAA==", "UGFzc3dvcmQA"), ("QmVudXR6ZXI=", "S2VubndvcnQ="),
        ("", ""),
        ("Username:", "Password:"),
    ]) func `LOGIN answers any wording`(first: String, second: String) throws {
        var exchange = try SASLExchange(LOGIN(username: "tim", password: Secret("pass")), sendsInitialResponse: true)
        #expect(exchange.initialLine == nil)
        #expect(try exchange.respond(toLine: Array(first.utf8)) == Array("dGlt".utf8))
        #expect(throws: SASLError.prematureSuccess) { try exchange.succeed() }
        #expect(try exchange.respond(toLine: Array(second.utf8)) == Array("cGFzcw==".utf8))
        try exchange.succeed()
        #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(toLine: []) }
    }

    @Test func `no description shows a password`() throws {
        let plain = PLAIN(username: "tim", password: Secret("hunter2"))
        let login = LOGIN(username: "tim", password: Secret("hunter2"))
        let credentials = SASLCredentials.password(username: "tim", password: Secret("hunter2"))
        var text = "\(plain) \(login) \(credentials)"
        dump(plain, to: &text)
        dump(login, to: &text)
        dump(credentials, to: &text)
        #expect(!text.contains("hunter2"))
    }
}
