import MIME
import Testing

/// Fields of `Authentication-Results` as RFC 8601 shows them and as servers write them.
@Suite struct `Authentication-Results` {
    private func parse(_ text: String) -> AuthenticationResults? {
        AuthenticationResults(parsing: Array(text.replacing("\n", with: "\r\n").utf8))
    }

    private func text(_ results: AuthenticationResults?) -> [String] {
        (results?.statements ?? []).map { statement in
            let version = statement.version == 1 ? "" : "/\(statement.version)"
            let reason = statement.reason.map { " reason=\($0)" } ?? ""
            return "\(statement.method)\(version)=\(statement.result)\(reason)"
                + statement.properties.map { " \($0.type).\($0.name)=\($0.value)" }.joined()
        }
    }

    /// RFC 8601, appendix B.
    @Test func `of the RFC are read`() {
        #expect(parse(" example.org 1; none")?.authservID == "example.org")
        #expect(text(parse(" example.org 1; none")) == [])
        #expect(
            text(parse(" example.com;\n          spf=pass smtp.mailfrom=example.net")) == [
                "spf=pass smtp.mailfrom=example.net"
            ])
        #expect(
            text(
                parse(
                    " example.com;\n auth=pass (cram-md5) smtp.auth=sender@example.net;\n spf=pass smtp.mailfrom=example.net"
                ))
                == ["auth=pass smtp.auth=sender@example.net", "spf=pass smtp.mailfrom=example.net"])
        #expect(
            text(parse(" example.com;\n dkim=pass (good signature) header.d=example.com")) == [
                "dkim=pass header.d=example.com"
            ])
        #expect(
            text(
                parse(
                    " example.com;\n      dkim=pass reason=\"good signature\"\n        header.i=@mail-router.example.net;\n      dkim=fail reason=\"bad signature\"\n        header.i=@newyork.example.com"
                ))
                == [
                    "dkim=pass reason=good signature header.i=@mail-router.example.net",
                    "dkim=fail reason=bad signature header.i=@newyork.example.com",
                ])
        // Appendix B.7: comments wherever they may be.
        let results = parse(
            " foo.example.net (foobar) 1 (baz);\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\n      policy (A dot can go here) . (like that) expired\n      (this surprised me) = (as I wasn't expecting it) 1362471462"
        )
        #expect(results?.authservID == "foo.example.net" && results?.version == 1)
        #expect(text(results) == ["dkim=fail policy.expired=1362471462"])
    }

    @Test func `of real servers are read`() {
        #expect(
            text(
                parse(
                    " mx.google.com;\n       dkim=pass header.i=@example.org header.s=mail header.b=\"Ab/+x=\";\n       spf=pass (google.com: domain of a@example.org designates 2001:db8::1 as permitted sender) smtp.mailfrom=a@example.org;\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org"
                ))
                == [
                    "dkim=pass header.i=@example.org header.s=mail header.b=Ab/+x=",
                    "spf=pass smtp.mailfrom=a@example.org",
                    "dmarc=pass header.from=example.org",
                ])
        #expect(
            text(
                parse(
                    " mx1.messagingengine.com;\n    x-csa=none;\n    x-me-sender=none;\n    iprev=pass smtp.remote-ip=2001:db8::25 (host.example.org);"
                ))
                == ["x-csa=none", "x-me-sender=none", "iprev=pass smtp.remote-ip=2001:db8::25"])
        #expect(text(parse(" mx.example.org; Dkim=PASS header.d=\"ex ample\"")) == ["dkim=pass header.d=ex ample"])
        #expect(text(parse(" \"quoted id\"; dkim=pass")) == ["dkim=pass"])
        #expect(
            text(parse(" mx; spf=pass smtp.mailfrom=\"j doe\"@example.org")) == [
                "spf=pass smtp.mailfrom=j doe@example.org"
            ])
    }

    @Test func `that name no server say nothing`() {
        // Microsoft's.
        #expect(parse(" spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dkim=pass") == nil)
        #expect(parse(" dkim=none (message not signed) header.d=none;dmarc=none") == nil)
        #expect(parse("") == nil && parse(" ; dkim=pass") == nil && parse(" (only a comment)") == nil)
        #expect(parse(" mx.example.org 2; dkim=pass") == nil)
        #expect(parse(" \"open; dkim=pass") == nil)
    }

    @Test func `lose what cannot be read and nothing else`() {
        #expect(
            text(parse(" mx; dkim; =pass; spf = ; dmarc=pass header.from; arc=\"a;b\"; iprev=pass"))
                == ["dmarc=pass", "iprev=pass"])
        #expect(text(parse(" mx; dkim=pass (never closed; spf=pass")) == ["dkim=pass"])
        #expect(text(parse(" mx" + String(repeating: "; dkim=pass", count: 1000))).count == 50)
    }
}

@Suite struct `A list's fields` {
    private func headers(_ text: String) -> Headers {
        Headers(parsing: Array((text.replacing("\n", with: "\r\n") + "\r\n\r\n").utf8))
    }

    @Test func `name it`() {
        let named = headers("List-Id: \"Lena's Joke List\" <lenas-jokes.example.org>").listID
        #expect(named?.id == "lenas-jokes.example.org" && named?.name == "Lena's Joke List")
        #expect(headers("List-ID: <x.example.org>").listID?.name == nil)
        #expect(headers("List-Id: bare.example.org").listID?.id == "bare.example.org")
        #expect(headers("List-Id: two words").listID == nil && headers("List-Id: <>").listID == nil)
    }

    /// RFC 2369, 3.2, and what a stranger may try.
    @Test func `say how to leave it`() {
        #expect(
            headers(
                "List-Unsubscribe: (Use this command to get off the list)\n     <mailto:list-manager@host.com?body=unsubscribe%20list>"
            )
            .listAddresses("List-Unsubscribe") == ["mailto:list-manager@host.com?body=unsubscribe%20list"])
        #expect(
            headers(
                "List-Unsubscribe: <http://www.host.com/list.cgi?cmd=unsub&lst=list>,\n    <mailto:a@b>, (more) <HTTPS://host.com/\n lo ng>"
            )
            .listAddresses("List-Unsubscribe")
                == ["http://www.host.com/list.cgi?cmd=unsub&lst=list", "mailto:a@b", "HTTPS://host.com/long"])
        #expect(
            headers("List-Unsubscribe: <javascript:alert(1)>, <file:///x>, <data:x>, <>").listAddresses(
                "List-Unsubscribe") == [])
        #expect(headers("List-Unsubscribe: https://bare.example").listAddresses("List-Unsubscribe") == [])
        #expect(headers("List-Unsubscribe: <mailto:a@b").listAddresses("List-Unsubscribe") == [])
    }

    @Test func `promise one click only in the words of RFC 8058`() {
        #expect(headers("List-Unsubscribe-Post: List-Unsubscribe=One-Click").unsubscribesByPost)
        #expect(!headers("List-Unsubscribe-Post: List-Unsubscribe=Two-Clicks").unsubscribesByPost)
        #expect(!headers("Subject: x").unsubscribesByPost)
    }
}
