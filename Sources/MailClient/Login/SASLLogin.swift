package import Model
package import SASL
package import Transport
import Wire

/// How an account's credentials become those of SASL, for IMAP, POP3 and SMTP alike.
package enum SASLLogin {
    /// Runs `body`, which connects and authenticates, with what to authenticate with.
    ///
    /// A server that refuses an access token may know more of it than its expiry: then `body` runs once more, with another
    /// token. Only after that the refusal is the account's.
    package nonisolated(nonsending) static func withCredentials<Value>(
        _ login: ServerLogin, _ mailProtocol: MailProtocol,
        _ body: nonisolated(nonsending) (SASLCredentials) async throws(MailClientError) -> Value
    ) async throws(MailClientError) -> Value {
        let first = try await credentials(login, mailProtocol, refused: nil)
        do throws(MailClientError) {
            return try await body(first)
        } catch {
            guard case .authenticationFailed = error, case .token(_, let token, _, _) = first else { throw error }
            let second = try await credentials(login, mailProtocol, refused: token)
            guard second != first else { throw error }
            return try await body(second)
        }
    }

    private nonisolated(nonsending) static func credentials(
        _ login: ServerLogin, _ mailProtocol: MailProtocol, refused: Secret?
    ) async throws(MailClientError) -> SASLCredentials {
        let username = login.credentials.username
        switch login.credentials.authentication {
        case .password(let password): return .password(username: username, password: password)
        // The certificate says who we are; the name is sent, as servers allow one certificate more than one mailbox.
        case .certificate: return .certificate(authorizationID: username)
        case .oauth2:
            guard let tokens = login.tokens else {
                throw .authenticationFailed(mailProtocol, text: "there is no access token")
            }
            do throws(AccessTokenSource.Fault) {
                return .token(
                    username: username, token: try await tokens.token(refused), host: login.endpoint.host,
                    port: login.endpoint.port)
            } catch {
                switch error {
                case .consentNeeded(let text): throw .authenticationFailed(mailProtocol, text: text)
                case .unavailable(let text): throw .unavailable(mailProtocol, text: text)
                }
            }
        }
    }
}

extension SASLChannel {
    /// What that connection is like now: call it after STARTTLS.
    package init(_ stream: ByteStream, _ endpoint: ServerEndpoint) {
        guard let tls = stream.tls else {
            // To this machine itself nobody listens in between.
            self.init(
                isEncrypted: false,
                allowsClearText: endpoint.security == .none && (endpoint.allowsCleartext || stream.isLoopback))
            return
        }
        let kinds: [(TLSChannelBinding, String)] = [
            tls.version == TLSVersion.tls13.rawValue ? (.exporter, "tls-exporter") : (.unique, "tls-unique"),
            (.serverEndPoint, "tls-server-end-point"),
        ]
        self.init(
            isEncrypted: true,
            bindings: kinds.compactMap { kind, name in
                stream.channelBinding(kind).map { ChannelBinding(name: name, data: $0) }
            })
    }
}

extension Credentials {
    /// What TLS shows to the server.
    var certificate: ClientCertificate? {
        if case .certificate(let certificate) = authentication { certificate } else { nil }
    }
}
