import Glibc
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(2))) struct TLSTests {
    let certificates: Certificates

    init() throws { certificates = try Certificates.shared.get() }

    /// The client's verdict on a server with that certificate.
    private func verdict(
        on server: String, trusting authority: String? = "ca", name: String?, verify: Bool = true
    ) async throws -> TransportError? {
        let context = try certificates.server(server)
        let client = try certificates.client(trusting: authority, verify: verify)
        let listener = try listener()
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        let serving = Task(executorPreference: away) {
            let stream = try await listener.accept().stream(on: away)
            try? await stream.acceptTLS(context, deadline: soon)
            _ = try? await stream.takeAll()
        }
        let failure = await Task(executorPreference: home) {
            await error {
                let stream = try await Dialer().connect(
                    host: "127.0.0.1", port: listener.address.port, security: .tls(client, serverName: name), on: home,
                    deadline: soon)
                #expect(stream.tls?.isVerified == verify)
                stream.close()
            }
        }.value
        try await serving.value
        return failure
    }

    @Test(arguments: ["mail.example", "MAIL.example", "mail.example.", "a.wild.example", "127.0.0.1", "::1", nil])
    func `a good certificate for the right name`(name: String?) async throws {
        #expect(try await verdict(on: "good", name: name) == nil)
    }

    @Test(arguments: ["other.example", "a.b.wild.example", "wild.example", "127.0.0.2"])
    func `a good certificate for another name`(name: String) async throws {
        #expect(try await verdict(on: "good", name: name) == .tls(.certificate(.hostMismatch)))
    }

    @Test func `an expired certificate`() async throws {
        #expect(try await verdict(on: "expired", name: "mail.example") == .tls(.certificate(.expired)))
    }

    @Test func `a certificate of an unknown authority`() async throws {
        let verdict = try await verdict(on: "good", trusting: "other", name: "mail.example")
        #expect(verdict == .tls(.certificate(.unknownIssuer)))
    }

    @Test func `the system does not know our authority`() async throws {
        let verdict = try await verdict(on: "good", trusting: nil, name: "mail.example")
        #expect(verdict == .tls(.certificate(.unknownIssuer)))
    }

    @Test func `a self-signed certificate, unless it is the one that is trusted`() async throws {
        #expect(try await verdict(on: "self", name: "mail.example") == .tls(.certificate(.selfSigned)))
        #expect(try await verdict(on: "self", trusting: "self", name: "mail.example") == nil)
        #expect(
            try await verdict(on: "self", trusting: "self", name: "b.example") == .tls(.certificate(.hostMismatch)))
    }

    @Test(arguments: ["expired", "self", "good"]) func `without verification anything goes`(server: String) async throws
    {
        #expect(try await verdict(on: server, name: "whatever.example", verify: false) == nil)
    }

    @Test(arguments: ["", "a b", "münchen.example"]) func `a name that cannot be asked for`(name: String) async throws {
        let client = try certificates.client()
        try await connected { server in
            _ = try await server.takeAll()
        } client: { stream in
            let failure = await error { try await stream.startTLS(client, serverName: name, deadline: soon) }
            #expect(failure == .tls(.configuration(.serverName)))
            #expect(stream.isClosed)
        }
    }

    @Test func `STARTTLS in the middle discards what came before`() async throws {
        let (server, client) = (try certificates.server(), try certificates.client())
        try await connected { stream in
            try await stream.write(Array("* OK\r\n".utf8))
            let command = try await stream.take(10)
            #expect(command == Array("STARTTLS\r\n".utf8))
            // The bytes behind the reply are an injection (CVE-2011-0411 and its kind).
            try await stream.write(Array("OK\r\nEVIL\r\n".utf8))
            try await stream.acceptTLS(server, deadline: soon)
            try await stream.echo()
        } client: { stream in
            let greeting = try await stream.take(6)
            #expect(greeting == Array("* OK\r\n".utf8))
            try await stream.write(Array("STARTTLS\r\n".utf8))
            let reply = try await stream.take(4)
            #expect(reply == Array("OK\r\n".utf8))
            try await stream.startTLS(client, serverName: "mail.example", deadline: soon)
            #expect(stream.tls?.version == "TLSv1.3")
            try await stream.write([Array("NO".utf8), [], Array("OP".utf8)])
            try await stream.finishWriting()
            let echo = try await stream.takeAll()
            #expect(echo == Array("NOOP".utf8))
            #expect(!stream.isTruncated)
        }
    }

    @Test(arguments: [["imap", "h2"], ["h2"], ["unknown"], []])
    func `application protocols`(offer: [String]) async throws {
        let server = try certificates.server(protocols: ["imap", "h2"])
        let client = try certificates.client(protocols: offer)
        let expected = offer.first { ["imap", "h2"].contains($0) }
        try await connected { stream in
            try await stream.acceptTLS(server, deadline: soon)
            #expect(stream.tls?.applicationProtocol == expected)
            _ = try await stream.takeAll()
        } client: { stream in
            try await stream.startTLS(client, serverName: "mail.example", deadline: soon)
            #expect(stream.tls?.applicationProtocol == expected)
        }
    }

    @Test func `ten megabytes both ways at once`() async throws {
        actor End: EventLoopBound {
            nonisolated let eventLoop: EventLoop
            let stream: ByteStream
            init(_ stream: sending ByteStream) {
                eventLoop = stream.eventLoop
                self.stream = stream
            }
            func send(_ seed: UInt64) async throws {
                let bytes = pattern(10 << 20, seed: seed)
                // As arrays, slices and pieces, whose records are cut at other places.
                try await stream.write(Array(bytes[..<3_000_001]), deadline: soon)
                try await stream.write(bytes[3_000_001..<6_000_000], deadline: soon)
                var pieces: [[UInt8]] = []
                var index = 6_000_000
                while index < bytes.count {
                    let end = min(index + 1 + (index * 7919) % 50_000, bytes.count)
                    pieces.append(Array(bytes[index..<end]))
                    index = end
                }
                try await stream.write(pieces, deadline: soon)
            }
            func receive() async throws -> [UInt8] { try await stream.take(10 << 20) }
            func exchange(_ seed: UInt64) async throws -> [UInt8] {
                async let sent: Void = send(seed)
                async let received = receive()
                try await sent
                return try await received
            }
        }
        let (server, client) = (try certificates.server(), try certificates.client())
        let listener = try listener()
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        let serving = Task(executorPreference: away) {
            let stream = try await listener.accept().stream(on: away)
            try await stream.acceptTLS(server, deadline: soon)
            return try await End(stream).exchange(1)
        }
        let dialling = Task(executorPreference: home) {
            let stream = try await Dialer().connect(
                host: "127.0.0.1", port: listener.address.port, security: .tls(client), on: home, deadline: soon)
            return try await End(stream).exchange(2)
        }
        let isEqual = (
            try await serving.value == pattern(10 << 20, seed: 2),
            try await dialling.value == pattern(10 << 20, seed: 1)
        )
        #expect(isEqual == (true, true))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13]) func `a session is resumed`(version: TLSVersion) async throws {
        let program = try OpenSSLProgram([
            "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.path("good.pem"), "-key",
            certificates.path("good.key"), "-rev", version == .tls12 ? "-tls1_2" : "-tls1_3",
        ])
        let port = try await program.port()
        let context = try certificates.client(resumes: true)
        let loop = try eventLoop()
        for round in 0..<3 {
            let info = try await Task(executorPreference: loop) {
                let stream = try await Dialer().connect(
                    host: "127.0.0.1", port: port, security: .tls(context), on: loop, deadline: soon)
                try await stream.write(Array("abc\n".utf8), deadline: soon)
                let answer = try await stream.take(4)
                #expect(answer == Array("cba\n".utf8))
                return stream.tls
            }.value
            #expect(info?.version == version.rawValue)
            #expect(info?.isResumed == (round > 0))
            #expect(info?.isVerified == true)
        }
    }

    @Test func `our server resumes as well`() async throws {
        let server = try certificates.server()
        let client = try certificates.client(resumes: true)
        let listener = try listener()
        for round in 0..<2 {
            try await connected(listener: listener, security: .tls(client, serverName: "mail.example")) { stream in
                try await stream.acceptTLS(server, deadline: soon)
                #expect(stream.tls?.isResumed == (round > 0))
                try await stream.echo()
            } client: { stream in
                try await stream.write([1])
                let echo = try await stream.take(1)
                #expect(echo == [1])
                #expect(stream.tls?.isResumed == (round > 0))
            }
        }
    }

    @Test func `openssl's client accepts our server`() async throws {
        let listener = try listener()
        let context = try certificates.server()
        let loop = try eventLoop()
        let serving = Task(executorPreference: loop) {
            let stream = try await listener.accept().stream(on: loop)
            try await stream.acceptTLS(context, deadline: soon)
            try await stream.write(Array("hello from us\n".utf8))
            try await stream.finishWriting()
            return try await stream.takeAll()
        }
        let program = try OpenSSLProgram([
            "s_client", "-connect", "127.0.0.1:\(listener.address.port)", "-CAfile", certificates.path("ca.pem"),
            "-verify_return_error", "-verify_ip", "127.0.0.1", "-quiet",
        ])
        let text = try await program.read { $0.contains("hello from us") }
        #expect(text.contains("hello from us"))
        _ = try await serving.value
    }

    @Test func `a plain-text port is told`() async throws {
        let client = try certificates.client()
        try await connected { stream in
            try await stream.write(Array("220 mail.example ESMTP ready\r\n".utf8))
            _ = try? await stream.takeAll()
        } client: { stream in
            let failure = await error { try await stream.startTLS(client, serverName: "mail.example", deadline: soon) }
            #expect(failure == .tls(.notTLS))
        }
    }

    @Test func `a server that hangs up in the handshake`() async throws {
        let client = try certificates.client()
        try await connected { stream in
            _ = try await stream.fill(deadline: soon)
            try await stream.finishWriting()
            _ = try? await stream.takeAll()
        } client: { stream in
            let failure = await error { try await stream.startTLS(client, serverName: "mail.example", deadline: soon) }
            #expect(failure == .tls(.handshakeCutOff))
        }
    }

    @Test func `an end without close_notify is flagged`() async throws {
        let (server, client) = (try certificates.server(), try certificates.client())
        let listener = try listener()
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        // A relay between the two, which can cut the connection as a middlebox would.
        let relay = try Loopback.listener()
        let hasArrived = Shared(false)
        let serving = Task(executorPreference: away) {
            let stream = try await listener.accept().stream(on: away)
            try await stream.acceptTLS(server, deadline: soon)
            try await stream.write(Array("half".utf8))
            _ = try? await stream.takeAll()
        }
        let relaying = Task(executorPreference: away) {
            let front = try await relay.accept().stream(on: away)
            let back = try await Dialer().connect(to: [listener.address], on: away, deadline: soon)
            while !hasArrived.value {
                if front.hasInputOrEnd() { try await back.write(front.input.takeAll()) }
                if back.hasInputOrEnd() { try await front.write(back.input.takeAll()) }
                try await away.sleep(for: .milliseconds(1))
            }
            try await front.finishWriting()
            _ = try await front.takeAll()
            back.close()
        }
        let (bytes, isTruncated) = try await Task(executorPreference: home) {
            let stream = try await Dialer().connect(
                host: "127.0.0.1", port: relay.address.port, security: .tls(client, serverName: "mail.example"),
                on: home, deadline: soon)
            let bytes = try await stream.take(4)
            hasArrived.value = true
            let end = try await stream.takeAll()
            return (bytes + end, stream.isTruncated)
        }.value
        #expect(bytes == Array("half".utf8))
        #expect(isTruncated)
        try await relaying.value
        try await serving.value
    }

    @Test func `channel bindings are equal on both sides`() async throws {
        let (server, client) = (try certificates.server(), try certificates.client())
        try await connected { stream in
            try await stream.acceptTLS(server, deadline: soon)
            try await stream.write(stream.channelBinding(.exporter) ?? [])
            try await stream.write(stream.channelBinding(.serverEndPoint) ?? [])
            _ = try await stream.takeAll()
        } client: { stream in
            #expect(stream.channelBinding(.exporter) == nil)
            try await stream.startTLS(client, serverName: "mail.example", deadline: soon)
            let bindings = try await stream.take(64)
            #expect(stream.channelBinding(.exporter) == Array(bindings[..<32]))
            #expect(stream.channelBinding(.serverEndPoint) == Array(bindings[32...]))
            #expect(stream.channelBinding(.unique) == nil)
        }
    }

    @Test func `equal configurations share a context`() throws {
        #expect(try certificates.client() === certificates.client())
        #expect(try certificates.client() !== certificates.client(trusting: "other"))
    }

    @Test func `unusable files are named`() throws {
        let good = try certificates.pem("good.pem")
        let key = try certificates.pem("good.key")
        func server(_ chain: PEM, _ key: PEM) -> TransportError? {
            do throws(TransportError) {
                _ = try TLSContext.server(TLSServerConfiguration(certificateChain: chain, privateKey: key))
                return nil
            } catch {
                return error
            }
        }
        #expect(server(good, key) == nil)
        #expect(server(PEM("nonsense"), key) == .tls(.configuration(.certificate)))
        #expect(server(good, good) == .tls(.configuration(.privateKey)))
        let otherKey = try certificates.pem("ca.key")
        #expect(server(good, otherKey) == .tls(.configuration(.keyDoesNotMatch)))
        #expect(throws: TransportError.tls(.configuration(.unreadableFile("/nowhere.pem")))) {
            try PEM(file: "/nowhere.pem")
        }
        #expect(throws: TransportError.tls(.configuration(.caCertificates))) {
            try TLSContext.client(TLSClientConfiguration(caCertificates: PEM("")))
        }
        #expect("\(TLSServerConfiguration(certificateChain: good, privateKey: key))".contains("<PEM"))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(dumped.utf8.count < 100)
    }
}
