package import Model
import Representation
package import Store
import Wire

/// Reads what a token endpoint answers (RFC 6749 section 5).
package enum TokenAnswer {
    /// `identity` is the ID token of OpenID Connect, which here only tells whose mailbox it is: it came over TLS from the
    /// issuer itself (OpenID Connect Core section 3.1.3.7).
    package struct Issued: Sendable, Equatable {
        package var tokens: OAuthTokens
        package var identity: String?
    }

    /// A token without `expires_in` counts as good for an hour, as the RFC's recommended life is in practice.
    package static func read(_ answer: WebAnswer, now: Timestamp) throws(OAuthFault) -> Issued {
        let document = try document(answer)
        if let code = document["error"]?.text {
            throw .refused(code: printable(code), text: document["error_description"]?.text.map(printable))
        }
        guard (200..<300).contains(answer.status), let token = document["access_token"]?.text else {
            throw answer.status >= 500 || answer.status == 429
                ? .unavailable("status \(answer.status)") : .malformed("status \(answer.status) without a token")
        }
        let seconds = min(max(document["expires_in"]?.wholeNumber ?? 3600, 1), Limits.tokenSeconds)
        return Issued(
            tokens: OAuthTokens(
                access: Secret(token), refresh: document["refresh_token"]?.text.map { Secret($0) },
                expiresAt: now.advanced(by: .seconds(seconds)), lifetime: .seconds(seconds)),
            identity: document["id_token"]?.text)
    }

    /// The JSON object of an answer; a server error need not have one.
    static func document(_ answer: WebAnswer) throws(OAuthFault) -> JSONValue {
        guard let value = try? JSONParser.parse(answer.body), case .object = value else {
            throw answer.status >= 500 || answer.status == 429
                ? .unavailable("status \(answer.status)") : .malformed("status \(answer.status) without JSON")
        }
        return value
    }

    /// The address that an ID token names.
    package static func email(in identity: String) -> String? {
        let parts = identity.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64.decodeURLSafe(String(parts[1])),
            let claims = try? JSONParser.parse(payload)
        else { return nil }
        return claims["email"]?.text ?? claims["preferred_username"]?.text
    }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(300).map { $0.value < 0x20 ? " " : Character($0) })
    }
}
