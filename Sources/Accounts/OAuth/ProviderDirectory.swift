import Model
import Representation
import Store
import Synchronization

/// The providers of the settings, their missing URLs read from their metadata (RFC 8414, OpenID Connect Discovery) when
/// they are first needed.
package final class ProviderDirectory: Sendable {
    package let configured: [String: OAuthProvider]
    private let send: WebSender
    private let complete = Mutex<[String: OAuthProvider]>([:])

    package init(_ configured: [String: OAuthProvider], send: @escaping WebSender) {
        self.configured = configured
        self.send = send
    }

    /// The provider with all that can be known of it; its metadata is asked for only where the settings lack what is needed.
    package func provider(_ name: String, forDevice: Bool = false) async throws(OAuthFault) -> OAuthProvider {
        guard let given = configured[name] else { throw .notConfigured("there is no OAuth provider \(name)") }
        let isComplete = given.tokenURL != nil && given.authorizationURL != nil
        if isComplete, !forDevice || given.deviceURL != nil { return given }
        if let known = complete.withLock({ $0[name] }) { return known }
        guard let issuer = given.issuer else { return given }
        var provider = given
        let metadata = try await metadata(of: issuer)
        provider.authorizationURL = provider.authorizationURL ?? metadata["authorization_endpoint"]?.text
        provider.tokenURL = provider.tokenURL ?? metadata["token_endpoint"]?.text
        provider.deviceURL = provider.deviceURL ?? metadata["device_authorization_endpoint"]?.text
        complete.withLock { $0[name] = provider }
        return provider
    }

    /// Whose mail domain this is.
    package func provider(ofAddress email: String) -> String? {
        guard let domain = email.split(separator: "@").last?.lowercased() else { return nil }
        return configured.values.filter { $0.domains.contains(domain) }.map(\.name).min()
    }

    /// The document must name the issuer that was asked for, or it describes another (RFC 8414 section 3.3).
    private func metadata(of issuer: String) async throws(OAuthFault) -> JSONValue {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        var fault = OAuthFault.malformed("no metadata")
        for place in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            do {
                let document = try TokenAnswer.document(try await send(WebRequest(base + place)))
                guard document["issuer"]?.text == issuer else {
                    throw OAuthFault.malformed("metadata of another issuer")
                }
                return document
            } catch let error as OAuthFault {
                fault = error
            } catch {
                throw .unavailable((error as? WebFault)?.text ?? "no answer")
            }
        }
        throw fault
    }
}
