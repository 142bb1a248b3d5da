import DKIM
import FoundationEssentials
import MailServers
import Testing
import Wire

/// What we sign, verified by dkimpy; and what dkimpy signs, verified by us.
@Suite struct `dkimpy and we` {
    static let script = #"""
        import sys, json, dkim
        job = json.load(sys.stdin)
        keys = {name.encode() + b".": text.encode() for name, text in job["keys"].items()}
        look = lambda name, timeout=5: keys.get(name)
        answers = []
        for message in job["messages"]:
            message = bytes.fromhex(message)
            if job["sign"]:
                for header in (b"simple", b"relaxed"):
                    for body in (b"simple", b"relaxed"):
                        for length in (False, True):
                            line = dkim.sign(message, b"mail", b"example.org", job["privateKey"].encode(), canonicalize=(header, body),
                                signature_algorithm=job["algorithm"].encode(), length=length, identity=b"@sub.example.org")
                            answers.append((line + message).hex())
            else:
                verifier = dkim.DKIM(message)
                count = sum(line.lower().startswith(b"dkim-signature") for line in message.split(b"\r\n\r\n")[0].split(b"\r\n"))
                answers.append([bool(verifier.verify(idx=index, dnsfunc=look)) for index in range(count)])
        print(json.dumps(answers))
        """#

    static let bodies = [
        "", "\r\n", "Text\r\n", "Text", " leading and  double \t blanks \r\n\r\n\r\nend \r\n\r\n", "\r\n\r\nText\r\n",
        ".\r\n..dots\r\n", "Gr\u{FC}\u{DF}e \u{1F600}\r\n",
    ]

    static var messages: [String] {
        bodies.map { body in
            "Received: from a\r\n\tby b; Fri, 11 Jul 2025 21:00:37 -0700\r\nfrom: Ann  <ann@example.org>\r\nTo: bob@example.net,\r\n"
                + "  carl@example.net\r\nSubject:\r\n folded   subject \r\nSubject: second\r\nMIME-Version: 1.0\r\n\r\n"
                + body
        }
    }

    private struct Job: Encodable {
        var sign: Bool
        var messages: [String]
        var keys: [String: String]
        var privateKey = ""
        var algorithm = ""
    }

    private static func run<Answer: Decodable>(_ job: Job, _ type: Answer.Type) throws -> Answer {
        let input = [UInt8](try JSONEncoder().encode(job))
        let output = try Command.check([try Python.interpreter(), "-c", script], input: input)
        return try JSONDecoder().decode(type, from: Data(output.utf8))
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `verify what we sign`() async throws {
        let keys = [
            try `A DKIM signature`.key(.rsaSHA256), try `A DKIM signature`.key(.ed25519SHA256, selector: "ed"),
        ]
        var records: [String: String] = [:]
        for key in keys {
            records["\(key.selector)._domainkey.example.org"] =
                "v=DKIM1; k=\(key.algorithm.keyType); p=\(key.publicKey)"
        }
        let signed = try Self.messages.map { Self.hex(try `A DKIM signature`.signed($0, keys)) }
        let job = Job(sign: false, messages: signed, keys: records)
        let answers = try await onThread { try Self.run(job, [[Bool]].self) }
        #expect(answers == [[Bool]](repeating: [true, true], count: Self.messages.count))
    }

    @Test(arguments: DKIMAlgorithm.allCases) func `agree on what dkimpy signs`(algorithm: DKIMAlgorithm) async throws {
        let key = try `A DKIM signature`.key(algorithm)
        let job = Job(
            sign: true, messages: Self.messages.map(Self.hex), keys: [:], privateKey: key.text.revealed,
            algorithm: algorithm.rawValue)
        let signed = try await onThread { try Self.run(job, [String].self) }
        #expect(signed.count == Self.messages.count * 8)
        for hex in signed {
            let digits = Array(hex.utf8)
            let octets = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
            let verdicts = try await `A DKIM signature of an RFC`.verdicts(
                octets, keys: ["mail._domainkey.example.org": "v=DKIM1; k=\(key.algorithm.keyType); p=\(key.publicKey)"]
            )
            #expect(verdicts.map(\.result) == [.pass], "\(String(decoding: octets, as: UTF8.self))")
            // What is added behind a signature with l= still passes, and is told.
            guard String(decoding: octets, as: UTF8.self).contains(" l=") else { continue }
            let longer = try await `A DKIM signature of an RFC`.verdicts(
                octets + Array("\r\nadded\r\n".utf8),
                keys: ["mail._domainkey.example.org": "v=DKIM1; k=\(key.algorithm.keyType); p=\(key.publicKey)"])
            #expect(longer.map(\.result) == [.pass] && longer[0].unsignedOctets > 0)
        }
    }
}
