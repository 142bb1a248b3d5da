import MailServers
import Model
import RemoteMail
import Synchronization
import Testing

/// Verification of signatures before servers that do not answer: it says so, in time, and does not fail.
@Suite(.timeLimit(.minutes(1))) struct SignatureTests {
    private typealias Rule = ScriptedServer.Rule
    private struct Unreachable: Error {}

    /// The hash is of a body without anything, so that nothing but the key is missing.
    private static func signature(_ selector: String) -> String {
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.test; s=\(selector); h=from;\r\n"
            + " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
    }

    private static let message = signature("one") + signature("two") + "From: a@a.test\r\n\r\n"
    private static let raw = "* 2 FETCH (UID 12 BODY[] {\(message.utf8.count)}\r\n\(message))\r\n%TAG% OK done\r\n"

    private func signatures(
        raw: String = Self.raw, in time: Duration = .seconds(30), keys: @escaping AccountMail.Keys
    ) async throws -> [SignatureVerdict] {
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Rule(
                    "UID FETCH 12", "BODY.PEEK[HEADER]",
                    answer: """
                        * 2 FETCH (UID 12 FLAGS () INTERNALDATE "01-Jan-2025 00:00:00 +0000" RFC822.SIZE 300 \
                        BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) \
                        BODY[HEADER] {\(Self.message.utf8.count)}\r\n\(Self.message))\r\n%TAG% OK done\r\n
                        """),
                Rule("UID FETCH 12", "BODY.PEEK[]", answer: raw),
                Rule("UID FETCH 12", "RFC822.SIZE", answer: "* 2 FETCH (UID 12 RFC822.SIZE 300)\r\n%TAG% OK done\r\n"),
            ])
        let id = try await mailbox.id(uid: 12)
        var options = MessageOptions()
        options.wantsText = false
        options.wantsHTML = false
        options.verifiesSignatures = true
        let message = try await mailbox.mail(keys: keys).message(
            id, of: mailbox.account, options: options, deadline: .now + time)
        await mailbox.close()
        return try #require(message.signatures)
    }

    @Test func `asks nobody any more once a mute name server has used up the time`() async throws {
        let asked = Mutex<[String]>([])
        // Time for all that comes before the lookup on a busy machine.
        let found = try await signatures(in: .seconds(8)) { name, end in
            asked.withLock { $0.append(name) }
            // Sound: so does a lookup that gets no answer.
            try await Task.sleep(until: end, clock: .continuous)
            throw Unreachable()
        }
        #expect(found.map(\.result) == ["temperror", "temperror"] && found.map(\.selector) == ["one", "two"])
        #expect(asked.withLock { $0 } == ["one._domainkey.a.test"])
    }

    @Test func `is for each key that cannot be asked for temperror, and permerror for each that is not there`()
        async throws
    {
        let found = try await signatures { name, _ in
            if name.hasPrefix("one") { throw Unreachable() }
            return []
        }
        #expect(found.map(\.result) == ["temperror", "permerror"])
    }

    @Test(arguments: ["* 2 FETCH (UID 12 BODY[] {500}\r\nDKIM", "%TAG% NO not now\r\n"])
    func `is temperror where the mail server does not give the message`(answer: String) async throws {
        let found = try await signatures(raw: answer, in: .seconds(3)) { _, _ in throw Unreachable() }
        #expect(found.map(\.result) == ["temperror"])
        #expect(found.map(\.reason) == ["the message could not be read in time"])
    }
}
