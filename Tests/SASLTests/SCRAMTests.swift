import SASL
import Testing
import Wire

/// One conversation: what the client says first, hears, says, and hears as proof.
private struct Conversation: Sendable, CustomTestStringConvertible {
    let name: String
    let mechanism: SCRAM
    let first: String
    let serverFirst: String
    let final: String
    let proof: String

    var testDescription: String { name }

    private static let exporter = ChannelBinding(name: "tls-exporter", data: Array(0...31))
    private static let endPoint = ChannelBinding(
        name: "tls-server-end-point", data: [UInt8](repeating: 0xFF, count: 32))

    static let all = [
        // RFC 5802 section 5.
        Conversation(
            name: "RFC 5802",
            mechanism: SCRAM(.sha1, username: "user", password: Secret("pencil"), nonce: "fyko+d2lbbFgONRv9qkxdawL"),
            first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            proof: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="),
        // RFC 7677 section 3.
        Conversation(
            name: "RFC 7677",
            mechanism: SCRAM(.sha256, username: "user", password: Secret("pencil"), nonce: "rOprNGfwEbeRWgbNEkqO"),
            first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            serverFirst:
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            proof: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        // No RFC shows one with a channel binding; these are from a few lines of Python's hashlib.
        Conversation(
            name: "tls-exporter",
            mechanism: SCRAM(
                .sha256, username: "user", password: Secret("pencil"), binding: .bound(exporter),
                nonce: "rOprNGfwEbeRWgbNEkqO"),
            first: "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            serverFirst:
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final: "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,"
                + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=",
            proof: "v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs="),
        Conversation(
            name: "tls-server-end-point, for another user",
            mechanism: SCRAM(
                .sha1, username: "user", password: Secret("pencil"), authorizationID: "ann",
                binding: .bound(endPoint), nonce: "fyko+d2lbbFgONRv9qkxdawL"),
            first: "p=tls-server-end-point,a=ann,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            final: "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCxhPWFubiz//////////////////////////////////////////w==,"
                + "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=We/uywEQRUOM90fxg2ih1L3GOG8=",
            proof: "v=zAhS9MskVvuFjaU8sB7VRRjxCis="),
        // The user name with what the grammar uses itself, the password as SASLprep makes it of IX's sign (RFC 4013 section 3).
        Conversation(
            name: "escapes and SASLprep",
            mechanism: SCRAM(
                .sha256, username: "us=er,", password: Secret("\u{2168}"), binding: .notOffered,
                nonce: "rOprNGfwEbeRWgbNEkqO"),
            first: "y,,n=us=3Der=2C,r=rOprNGfwEbeRWgbNEkqO",
            serverFirst: "r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            final: "c=eSws,r=rOprNGfwEbeRWgbNEkqOabc,p=atFgHjozrhioeNW+tnZRrlMU9jYLe9G6cZMx4LEoWA8=",
            proof: "v=GHcA7UXZgyP0x81A0b6idXCBRGizsxgPQfpBYfM9PYY="),
    ]
}

@Suite struct SCRAMTests {
    @Test(arguments: Conversation.all) private func `speaks as known`(conversation: Conversation) throws {
        var scram = conversation.mechanism
        #expect(try scram.initialResponse() == Array(conversation.first.utf8))
        let final = try scram.respond(to: Array(conversation.serverFirst.utf8))
        #expect(String(decoding: final, as: UTF8.self) == conversation.final)
        #expect(!scram.isComplete)
        #expect(try scram.respond(to: Array(conversation.proof.utf8)).isEmpty)
        #expect(scram.isComplete)
        #expect(throws: SASLError.unexpectedChallenge) { try scram.respond(to: []) }
    }

    @Test func `names itself by its digest and binding`() {
        #expect(
            Conversation.all.map(\.mechanism.name) == [
                "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256",
            ])
    }

    private func challenged() throws -> SCRAM {
        var scram = Conversation.all[1].mechanism
        _ = try scram.initialResponse()
        return scram
    }

    @Test(arguments: [
        // Not our nonce, nothing added to it, no salt, no count, a mandatory extension, no ASCII.
        ("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", SASLError.malformedChallenge),
        ("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .malformedChallenge),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", .malformedChallenge),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x", .malformedChallenge),
        ("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .malformedChallenge),
        ("r=rOprNGfwEbeRWgbNEkqO\u{E4},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", .malformedChallenge),
        ("", .malformedChallenge),
        // So few rounds are no protection, so many an attack.
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1", .unsafeIterations(1)),
        ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647", .unsafeIterations(2_147_483_647)),
        ("e=unknown-user", .refused(SASLRefusal(status: "unknown-user"))),
    ]) func `refuses a server's first message`(message: String, error: SASLError) throws {
        var scram = try challenged()
        #expect(throws: error) { try scram.respond(to: Array(message.utf8)) }
    }

    @Test(arguments: [
        ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", SASLError.malformedChallenge),
        ("v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", .serverNotProved),
        ("v=", .serverNotProved), ("ok", .malformedChallenge), ("", .malformedChallenge),
        ("e=invalid-proof", .refused(SASLRefusal(status: "invalid-proof"))),
    ]) func `believes no server that does not prove itself`(message: String, error: SASLError) throws {
        var scram = try challenged()
        _ = try scram.respond(to: Array(Conversation.all[1].serverFirst.utf8))
        #expect(throws: error) { try scram.respond(to: Array(message.utf8)) }
        #expect(!scram.isComplete)
    }

    @Test func `takes another nonce each time`() throws {
        var first = SCRAM(.sha256, username: "user", password: Secret("pencil"))
        var second = SCRAM(.sha256, username: "user", password: Secret("pencil"))
        #expect(try first.initialResponse() != second.initialResponse())
    }
}
