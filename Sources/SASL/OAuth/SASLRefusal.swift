import FoundationEssentials

/// Why a server refuses, in the words that the mechanism has for it, before the protocol's own reply.
///
/// OAUTHBEARER and XOAUTH2 send JSON (RFC 7628 section 3.2.2), SCRAM a word (RFC 5802 section 7).
package struct SASLRefusal: Sendable, Equatable {
    /// `invalid_token`, `insufficient_scope`; Google and Microsoft give an HTTP status, SCRAM for example `invalid-proof`.
    package var status: String
    /// The scope that the token should have.
    package var scope: String?
    /// Where to read which authorization server makes tokens for this one (RFC 8414).
    package var configuration: String?

    package init(status: String, scope: String? = nil, configuration: String? = nil) {
        self.status = Self.printable(status)
        self.scope = scope.map(Self.printable)
        self.configuration = configuration.map(Self.printable)
    }

    /// Reads the JSON; what is none counts as a refusal without details.
    init(json: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
            self.init(status: "refused")
            return
        }
        self.init(
            status: document.status ?? "refused", scope: document.scope, configuration: document.configuration)
    }

    private struct Document: Decodable {
        var status: String?
        var scope: String?
        var configuration: String?

        enum CodingKeys: String, CodingKey {
            case status, scope
            case configuration = "openid-configuration"
        }
    }

    /// It ends in logs and answers, so it is kept short and free of control characters.
    private static func printable(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(SASLLimits.refusalText).map { (0x20..<0x7F).contains($0) ? $0 : 0x3F },
            as: UTF8.self)
    }
}

extension SASLRefusal: CustomStringConvertible {
    package var description: String { scope.map { "\(status), wants scope \($0)" } ?? status }
}
