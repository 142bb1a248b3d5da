import POP3
import SASL
import Testing
import Wire

@Suite struct LoginTests {
    /// RFC 1939, 7 has timestamp, secret and digest.
    @Test func `APOP answers as RFC 1939 does`() {
        let outcome = Transcript(
            """
            S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
            C: CAPA
            S: -ERR what?
            C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
            S: +OK maildrop has 1 message (369 octets)
            C: QUIT
            S: +OK bye
            """
        ).playCut(.password())
        #expect(outcome.error == nil)
        #expect(outcome.events == [.ready, .closed(POP3Reply(isOK: true, text: "bye"))])
    }

    /// CVE-2007-1558: what is no message id is not digested.
    @Test(arguments: [
        "<no-at-sign>", "<a\u{80}b@c>", "<a b@c>", "no brackets", "<\(String(repeating: "a", count: 300))@b>",
    ])
    func `a timestamp that is none is not answered`(text: String) {
        let outcome = Transcript("S: +OK \(text)\nC: CAPA\nS: -ERR no").play(.password())
        #expect(outcome.error == .authenticationImpossible(.refusedInClear))
    }

    @Test func `TLS first, and what was said in the clear is forgotten`() {
        let outcome = Transcript(
            """
            S: +OK ready
            C: CAPA
            S: +OK
            S: STLS
            S: SASL PLAIN
            S: .
            C: STLS
            S: +OK go
            C: <TLS>
            C: CAPA
            S: +OK
            S: USER
            S: UIDL
            S: .
            C: USER mrose
            S: +OK
            C: PASS tanstaaf
            S: +OK logged in
            C: CAPA
            S: +OK
            S: UIDL
            S: TOP
            S: EXPIRE 30
            S: LOGIN-DELAY 60
            S: .
            C: QUIT
            S: +OK
            """
        ).playCut(.password(startsTLS: true))
        #expect(outcome.error == nil)
        #expect(outcome.events.first == .ready)
    }

    @Test(arguments: [
        ("S: +OK\nS: USER\nS: .", POP3Error.startTLSUnavailable(nil)),
        (
            "S: +OK\nS: STLS\nS: .\nC: STLS\nS: -ERR no certificate",
            .startTLSUnavailable(POP3Reply(isOK: false, text: "no certificate"))
        ),
        ("S: +OK\nS: STLS\nS: .\nC: STLS\nS: +OK go\nS: +OK injected", .injectedBeforeTLS),
        ("S: -ERR unknown\nC: STLS\nS: -ERR unknown", .startTLSUnavailable(POP3Reply(isOK: false, text: "unknown"))),
    ])
    func `no password where TLS does not come about`(rest: String, error: POP3Error) {
        let outcome = Transcript("S: +OK ready\nC: CAPA\n\(rest)").play(.password(startsTLS: true))
        #expect(outcome.error == error)
    }

    @Test func `SASL before USER, its first message with the command`() {
        let outcome = Transcript(
            """
            S: +OK ready <1@x>
            C: CAPA
            S: +OK
            S: SASL LOGIN PLAIN
            S: USER
            S: UTF8 USER
            S: LANG
            S: .
            C: LANG en
            S: -ERR [LANG] only French
            C: UTF8
            S: +OK
            C: AUTH PLAIN AG1yb3NlAHRhbnN0YWFm
            S: +OK
            C: CAPA
            S: -ERR not now
            C: QUIT
            S: +OK
            """
        ).playCut(.password(isEncrypted: true))
        #expect(outcome.error == nil)
    }

    /// RFC 5034, 4: a line of 255 octets is all that a server must take.
    @Test func `a long first message waits to be asked for`() {
        let password = String(repeating: "p", count: 300)
        let encoded = Base64.encode([0] + Array("mrose".utf8) + [0] + Array(password.utf8))
        let outcome = Transcript(
            "S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN\nS: + \nC: \(encoded)\nS: +OK\nC: CAPA\nS: +OK\nS: .\nC: QUIT\nS: +OK"
        ).playCut(.password("mrose", password, isEncrypted: true))
        #expect(outcome.error == nil)
        #expect(outcome.events.first == .ready)
    }

    @Test func `LOGIN answers prompts that are no base64`() {
        let outcome = Transcript(
            "S: +OK\nC: CAPA\nS: +OK\nS: SASL LOGIN\nS: .\nC: AUTH LOGIN\nS: + Username:\nC: bXJvc2U=\nS: +\nC: dGFuc3RhYWY=\nS: +OK\nC: CAPA\nS: -ERR\nC: QUIT\nS: +OK"
        ).playCut(.password(isEncrypted: true))
        #expect(outcome.error == nil)
    }

    @Test func `without CAPA and without a timestamp TLS carries USER and PASS`() {
        let outcome = Transcript(
            "S: +OK old\nC: CAPA\nS: -ERR\nC: USER mrose\nS: +OK\nC: PASS tan staaf\nS: +OK\nC: QUIT\nS: +OK"
        ).playCut(.password("mrose", "tan staaf", isEncrypted: true))
        #expect(outcome.error == nil)
    }

    @Test func `in the clear nothing shows the password, unless the owner says so`() {
        let words = "S: +OK hi\nC: CAPA\nS: +OK\nS: USER\nS: SASL PLAIN\nS: ."
        #expect(Transcript(words).play(.password()).error == .authenticationImpossible(.refusedInClear))
        let outcome = Transcript(words + "\nC: AUTH PLAIN AG1yb3NlAHRhbnN0YWFm\nS: -ERR wrong")
            .play(.password(allowsClearText: true))
        #expect(outcome.error == .authenticationFailed(POP3Reply(isOK: false, text: "wrong")))
    }

    @Test(arguments: [
        ("-ERR [IN-USE] Do you have another POP session running?", POP3Reply.Refusal.inUse),
        ("-ERR [LOGIN-DELAY] wait", .loginDelay), ("-ERR [SYS/TEMP] x", .temporary), ("-ERR [SYS/PERM] x", .permanent),
        ("-ERR maildrop already locked", .inUse), ("-ERR [in-use] lower case", .inUse),
        ("-ERR -ERR Can't lock mailbox: mailbox is locked", .inUse),
        ("-ERR Exceeded the login limit for a 15 minute period", .loginDelay),
    ])
    func `a refusal that is not about the password is told apart`(line: String, refusal: POP3Reply.Refusal) {
        let outcome = Transcript("S: +OK\nC: CAPA\nS: -ERR\nC: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: \(line)")
            .play(.password(isEncrypted: true))
        guard case .refused(.authentication, let reply)? = outcome.error else {
            Issue.record("\(String(describing: outcome.error))")
            return
        }
        #expect(reply.refusal == refusal)
    }

    @Test(arguments: ["-ERR [AUTH] no", "-ERR wrong password", "-ERR"]) func `others are`(line: String) {
        let outcome = Transcript("S: +OK\nC: CAPA\nS: -ERR\nC: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: \(line)")
            .play(.password(isEncrypted: true))
        guard case .authenticationFailed? = outcome.error else {
            Issue.record("\(String(describing: outcome.error))")
            return
        }
    }

    @Test func `a line break in a password cannot become a command`() {
        let outcome = Transcript("S: +OK\nC: CAPA\nS: -ERR").play(.password("a", "b\r\nDELE 1", isEncrypted: true))
        #expect(outcome.error == .unspeakableCredentials)
    }

    @Test func `a greeting that is a refusal ends it`() {
        let outcome = Transcript("S: -ERR [SYS/TEMP] come back").play(.password())
        #expect(outcome.error == .refused(.greeting, POP3Reply(isOK: false, code: "SYS/TEMP", text: "come back")))
    }
}
