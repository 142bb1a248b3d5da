import Crypto
import Foundation

/// Access tokens that a Dovecot accepts by itself (RFC 7519, HS256), and the settings by which it does.
package final class TokenIssuer: Sendable {
    private let folder: TemporaryFolder
    private let key: [UInt8]

    package init() throws {
        folder = try TemporaryFolder("tokens")
        key = (0..<32).map { _ in UInt8.random(in: 0...255) }
        for name in ["keys", "keys/default", "keys/default/HS256"] { try folder.makeFolder(name) }
        try folder.write(Data(key).base64EncodedString(), to: "keys/default/HS256/default")
        try folder.write(
            """
            introspection_mode = local
            local_validation_key_dict = fs:posix:prefix=\(folder("keys"))/
            username_attribute = sub

            """, to: "oauth2.conf")
    }

    /// Lines for `dovecot.conf`; what `DovecotServer.Options.mechanisms` offers of OAuth is then checked by this key.
    package var configuration: String {
        """
        passdb {
          driver = oauth2
          mechanisms = oauthbearer xoauth2
          args = \(folder("oauth2.conf"))
        }
        """
    }

    /// A token for that user which is good for so many seconds; `claims` are added.
    package func token(
        for user: MailUser, seconds: Int = 600, claims: [String: String] = [:]
    ) -> String {
        let now = Int(Date().timeIntervalSince1970)
        let more = claims.map { ",\"\($0)\":\"\($1)\"" }.joined()
        let body =
            "{\"sub\":\"\(user.email)\",\"iat\":\(now - 60),\"exp\":\(now + seconds)\(more)}"
        let input = Self.encode(Array("{\"typ\":\"JWT\",\"alg\":\"HS256\"}".utf8)) + "." + Self.encode(Array(body.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: SymmetricKey(data: key))
        return input + "." + Self.encode(Array(code))
    }

    private static func encode(_ octets: [UInt8]) -> String {
        Data(octets).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
