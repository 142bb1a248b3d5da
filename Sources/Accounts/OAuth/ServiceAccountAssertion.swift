import JWTKit
import Model
import Wire

/// The signed claim by which a Google service account gets tokens for a user of its domain (RFC 7523 section 2.1).
enum ServiceAccountAssertion {
    private struct Claims: JWTPayload {
        var iss: String
        var sub: String?
        var scope: String
        var aud: String
        var iat: Int64
        var exp: Int64

        func verify(using algorithm: some JWTAlgorithm) {}
    }

    static func make(
        _ account: ServiceAccount, subject: String?, now: Timestamp
    ) async throws(OAuthFault) -> Secret {
        let seconds = now.milliseconds / 1000
        let claims = Claims(
            iss: account.email, sub: subject, scope: account.scope, aud: account.tokenURL, iat: seconds,
            exp: seconds + 3600)
        do {
            let key = try Insecure.RSA.PrivateKey(pem: account.privateKey.revealed)
            let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
            var header = JWTHeader()
            header.kid = account.keyID
            return Secret(try await keys.sign(claims, header: header))
        } catch {
            throw .notConfigured("the service account's private key cannot sign: it must be RSA in PEM")
        }
    }
}
