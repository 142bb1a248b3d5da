import API
import Model
import Representation
import Testing

/// Drafts and merge patches of accounts, as the engine gets them.
@Suite struct `Account settings` {
    private func draft(_ text: String) throws -> AccountDraft {
        try JSONParser.parse(Array(text.utf8)).read(FaultCollector(), AccountDraft.read)
    }

    private func patch(_ text: String) throws -> AccountPatch {
        try JSONParser.parse(Array(text.utf8)).read(FaultCollector(), AccountPatch.read)
    }

    @Test(arguments: [
        ("imap", "tls", 993), ("imap", "starttls", 143), ("imap", "none", 143), ("smtp", "tls", 465),
        ("smtp", "starttls", 587), ("smtp", "none", 25),
    ])
    func `have the usual ports where none is given`(name: String, security: String, port: Int) throws {
        let draft = try draft(#"{"email":"a@b.c","\#(name)":{"host":"h","security":"\#(security)"}}"#)
        let mailProtocol = try #require(MailProtocol(rawValue: name))
        #expect(draft.servers[mailProtocol]?.port == UInt16(port))
        #expect(draft.servers[mailProtocol]?.tls == TLSSettings())
    }

    @Test func `keep credentials apart`() throws {
        let draft = try draft(
            #"""
            {"id":"my.acc-1","name":"N","email":"a@b.c","credentials":{"username":"u","password":"p w"},
             "imap":{"host":"h","port":1,"security":"none","tls":{"verify":false,"serverName":"s","caCertificates":"c"}},
             "smtp":{"host":"h","credentials":{"username":"v","password":"q"}}}
            """#)
        #expect(draft.id == AccountID(rawValue: "my.acc-1"))
        #expect(draft.credentials?.username == "u")
        #expect(draft.ownCredentials[.smtp]?.username == "v" && draft.ownCredentials[.imap] == nil)
        #expect(draft.servers[.imap]?.tls == TLSSettings(verify: false, caCertificates: "c", serverName: "s"))
        #expect(!"\(draft)".contains("p w"))
    }

    /// Outer value, inner nil.
    private func isRemoval<Value>(_ value: Value??) -> Bool {
        guard case .some(.none) = value else { return false }
        return true
    }

    @Test func `patch only what is named`() throws {
        let empty = try patch("{}")
        #expect(empty.name == nil && empty.email == nil && empty.servers.isEmpty && empty.isDisabled == nil)
        let removed = try patch(#"{"name":null,"smtp":null,"imap":{"credentials":null,"tls":{"serverName":null}}}"#)
        #expect(isRemoval(removed.name))
        let smtp = try #require(removed.servers[.smtp])
        #expect(isRemoval(.some(smtp)))
        let imap = try #require(removed.servers[.imap] ?? nil)
        #expect(isRemoval(imap.credentials) && isRemoval(imap.serverName))
        #expect(imap.host == nil && imap.caCertificates == nil)
        let changed = try patch(#"{"name":"N","credentials":{"password":"x"},"isDisabled":true,"imap":{"port":9}}"#)
        #expect(changed.name == "N" && changed.isDisabled == true)
        #expect(changed.credentials?.authentication != nil && changed.credentials?.username == nil)
        #expect((changed.servers[.imap] ?? nil)?.port == 9)
    }
}
