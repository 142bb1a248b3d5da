package import Model
package import Transport
import Wire

/// Opens connections to mail servers the way an account's settings say: the one place that turns them into TLS contexts.
package struct MailDialer: Sendable {
    package var dialer: Dialer

    package init(_ dialer: Dialer = Dialer()) { self.dialer = dialer }

    /// A connection, under TLS already where `security` is `tls`; with `starttls` it is still plain.
    package nonisolated(nonsending) func connect(
        _ endpoint: ServerEndpoint, _ mailProtocol: MailProtocol, certificate: ClientCertificate? = nil,
        on loop: EventLoop, deadline: Deadline
    ) async throws(MailClientError) -> ByteStream {
        do throws(TransportError) {
            let security: Dialer.Security =
                endpoint.security == .tls
                ? .tls(try Self.context(endpoint, certificate), serverName: endpoint.tls.serverName ?? endpoint.host)
                : .none
            return try await dialer.connect(
                host: endpoint.host, port: endpoint.port, security: security, on: loop, deadline: deadline)
        } catch {
            throw MailClientError(dialling: error, mailProtocol)
        }
    }

    /// Takes a plain connection into TLS after STARTTLS, with the same demands on the certificate as `connect`.
    package nonisolated(nonsending) func startTLS(
        on stream: ByteStream, _ endpoint: ServerEndpoint, _ mailProtocol: MailProtocol,
        certificate: ClientCertificate? = nil, deadline: Deadline
    ) async throws(MailClientError) {
        do throws(TransportError) {
            try await stream.startTLS(
                try Self.context(endpoint, certificate), serverName: endpoint.tls.serverName ?? endpoint.host,
                deadline: deadline)
        } catch {
            throw MailClientError(dialling: error, mailProtocol)
        }
    }

    private static func context(
        _ endpoint: ServerEndpoint, _ certificate: ClientCertificate?
    ) throws(TransportError) -> TLSContext {
        try .client(
            TLSClientConfiguration(
                verify: endpoint.tls.verify, caCertificates: endpoint.tls.caCertificates.map { PEM($0) },
                certificateChain: certificate.map { PEM($0.chain) },
                privateKey: certificate.map { PEM($0.privateKey.revealed) }))
    }
}
