import HTTP
import HTTPClient
import MailServers
import Testing
import Transport
import Wire

/// HTTPS against a server with a private authority.
@Suite struct `HTTPS client` {
    private static let authority = Result { try CertificateAuthority(in: TemporaryFolder("https-client")) }

    /// The error of one request to a server with that certificate; nil where it was answered.
    private func error(
        _ flaw: CertificateAuthority.Flaw, trusting trustsAuthority: Bool = true
    ) async throws -> HTTPClientError? {
        let authority = try Self.authority.get()
        let identity = authority.identity(flaw)
        let loops = try EventLoopGroup(loops: 2)
        let loop = loops.loops[0]
        let listener = try Listener.bind(host: "127.0.0.1", port: 0, on: loop)
        let context = try TLSContext.server(
            TLSServerConfiguration(
                certificateChain: try PEM(file: identity.certificate), privateKey: try PEM(file: identity.key)))
        let serving = Task(executorPreference: loop) {
            let stream = try await listener.accept().stream(on: loop)
            try await stream.acceptTLS(context, deadline: .after(.seconds(20)))
            guard try await stream.fill(deadline: .after(.seconds(20))) > 0 else { return }
            try await stream.write(
                Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), deadline: .after(.seconds(20)))
            _ = try await stream.fill(deadline: .after(.seconds(20)))
        }
        let client = HTTPClient(
            loops: loops, addresses: AddressPolicy(allowsLocal: true),
            tls: TLSClientConfiguration(caCertificates: trustsAuthority ? PEM(authority.certificatePEM) : nil))
        let url = try HTTPURL("https://localhost:\(listener.address.port)/")
        var failure: HTTPClientError?
        do throws(HTTPClientError) {
            let answer = try await client.send(HTTPClientRequest(.get, url), deadline: .after(.seconds(20)))
            #expect(answer.status == .ok)
        } catch {
            failure = error
        }
        await client.close()
        listener.close()
        serving.cancel()
        _ = await serving.result
        await loops.shutdown()
        return failure
    }

    @Test func `trusts what the authority signed for the host`() async throws {
        #expect(try await error(.none) == nil)
    }

    @Test(arguments: [CertificateAuthority.Flaw.expired, .wrongHost, .untrusted])
    func `refuses a wrong certificate`(flaw: CertificateAuthority.Flaw) async throws {
        guard case .tls? = try await error(flaw) else {
            Issue.record("\(flaw) was accepted")
            return
        }
    }

    @Test func `refuses an authority that nobody told it of`() async throws {
        guard case .tls? = try await error(.none, trusting: false) else {
            Issue.record("accepted")
            return
        }
    }
}
