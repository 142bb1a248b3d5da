import SASL
import Testing
import Wire

@Suite struct OtherMechanismTests {
    /// The example of RFC 2195 section 2.
    @Test func `CRAM-MD5 answers as its RFC`() throws {
        let challenge = Array("<1896.697170952@postoffice.reston.mci.net>".utf8)
        var exchange = try SASLExchange(
            CRAMMD5(username: "tim", password: Secret("tanstaaftanstaaf")), sendsInitialResponse: true)
        #expect(exchange.initialLine == nil)
        #expect(throws: SASLError.prematureSuccess) { try exchange.succeed() }
        let line = try exchange.respond(toLine: Base64.encode(challenge.span))
        #expect(line == Array("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw".utf8))
        try exchange.succeed()
        #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(toLine: Array("eA==".utf8)) }
    }

    /// The example of RFC 7628 section 4.1, its host with our port.
    @Test func `OAUTHBEARER writes the message of its RFC`() throws {
        var bearer = BearerMechanism(
            .oauthBearer(host: "server.example.com", port: 143), username: "user@example.com",
            token: Secret("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="))
        #expect(
            try bearer.initialResponse().map { Base64.encode($0) }
                == "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        )
        #expect(bearer.isComplete && bearer.refusal == nil)
    }

    /// The example of Google's XOAUTH2 page.
    @Test func `XOAUTH2 writes the message of its description`() throws {
        var bearer = BearerMechanism(
            .xoauth2, username: "someuser@example.com", token: Secret("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"))
        #expect(
            try bearer.initialResponse().map { Base64.encode($0) }
                == "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        )
    }

    /// RFC 7628 section 4.3, and what Google sends.
    @Test(arguments: [
        (
            "{\"status\":\"invalid_token\",\"scope\":\"example_scope\",\"openid-configuration\":\"https://example.com/x\"}",
            SASLRefusal(status: "invalid_token", scope: "example_scope", configuration: "https://example.com/x")
        ),
        (
            "{\"status\":\"401\",\"schemes\":\"bearer mac\",\"scope\":\"https://mail.google.com/\"}",
            SASLRefusal(status: "401", scope: "https://mail.google.com/")
        ),
        ("not JSON", SASLRefusal(status: "refused")), ("{\"status\":5}", SASLRefusal(status: "refused")),
        ("{\"status\":\"a\\r\\nb\"}", SASLRefusal(status: "a??b")),
    ]) func `reads why a token is refused`(json: String, refusal: SASLRefusal) throws {
        for kind in [BearerMechanism.Kind.oauthBearer(host: "h", port: 1), .xoauth2] {
            var exchange = try SASLExchange(
                BearerMechanism(kind, username: "u", token: Secret("t")), sendsInitialResponse: true)
            let line = try exchange.respond(toLine: Base64.encode(Array(json.utf8).span))
            // RFC 7628 section 3.2.3 wants a lone ^A; XOAUTH2 an empty line.
            #expect(line == (exchange.name == "OAUTHBEARER" ? Array("AQ==".utf8) : []))
            #expect(exchange.refusal == refusal)
            #expect(throws: SASLError.prematureSuccess) { try exchange.succeed() }
            #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(toLine: []) }
        }
    }

    @Test(arguments: [("a\u{1}b", "t"), ("u", "a b"), ("u", "t\u{1}"), ("u", "t\u{E4}")])
    func `a token mechanism refuses what would end its message`(user: String, token: String) {
        var bearer = BearerMechanism(.xoauth2, username: user, token: Secret(token))
        #expect(throws: SASLError.forbiddenOctet) { try bearer.initialResponse() }
    }

    @Test func `EXTERNAL says who to be, or nothing`() throws {
        var exchange = try SASLExchange(EXTERNAL(authorizationID: "tim"), sendsInitialResponse: true)
        #expect(exchange.initialLine == Array("dGlt".utf8))
        #expect(try exchange.respond(toLine: []) == Array("dGlt".utf8))
        exchange = try SASLExchange(EXTERNAL(authorizationID: ""), sendsInitialResponse: true)
        #expect(exchange.initialLine == Array("=".utf8))
        try exchange.succeed()
    }

    @Test func `no description shows a token`() throws {
        let bearer = BearerMechanism(.xoauth2, username: "tim", token: Secret("hunter2"))
        var text = "\(bearer) \(SCRAM(.sha1, username: "tim", password: Secret("hunter2")))"
        dump(bearer, to: &text)
        dump(SASLCredentials.token(username: "t", token: Secret("hunter2"), host: "h", port: 1), to: &text)
        dump(CRAMMD5(username: "tim", password: Secret("hunter2")), to: &text)
        #expect(!text.contains("hunter2"))
    }
}
