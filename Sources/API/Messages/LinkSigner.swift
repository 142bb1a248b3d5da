package import Crypto
import HTTP
package import Model
import Wire

/// Makes URLs of attachment links, and finds out whether one is ours: HMAC-SHA256 over all that the link allows.
package struct LinkSigner: Sendable {
    /// The first signs; what another signed is ours too: keys are replaced while links are about.
    private let keys: @Sendable () -> [SymmetricKey]
    /// What URLs begin with; empty for those that are relative to this server.
    private let base: String
    package let now: @Sendable () -> Timestamp

    /// `keys`, at least one, serve nothing else.
    package init(
        keys: @escaping @Sendable () -> [SymmetricKey], base: String = "",
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.keys = keys
        self.base = base
        self.now = now
    }

    package func url(of link: AttachmentLink) -> String {
        let path = [link.account.rawValue, link.message.rawValue, link.attachment.rawValue]
            .map(PercentEncoding.encode).joined(separator: "/")
        let code = HMAC<SHA256>.authenticationCode(for: octets(link), using: keys()[0])
        let query =
            "disposition=\(link.disposition.rawValue)&expires=\(seconds(link))"
            + "&signature=\(Base64.encodeURLSafe(Array(code)))"
        return "\(base)/attachments/\(path)?\(query)"
    }

    /// The link that path and query stand for.
    ///
    /// Whether it is ours is asked before whether it has expired: a stranger learns nothing by trying.
    package func link(
        account: AccountID, message: EmailID, attachment: PartID, _ query: Query
    ) throws(Problem) -> AttachmentLink {
        guard let disposition = query["disposition"].flatMap(AttachmentLink.Disposition.init(rawValue:)),
            let expires = query["expires"].flatMap({ Int64($0) }), (0...Self.lastSecond).contains(expires),
            let signature = query["signature"].flatMap({ Base64.decodeURLSafe($0) })
        else { throw Problem(.invalidLink, "The link is not complete.") }
        let link = AttachmentLink(
            account: account, message: message, attachment: attachment, disposition: disposition,
            expiresAt: Timestamp(milliseconds: expires * 1_000))
        // Each in constant time.
        let octets = octets(link)
        guard
            keys().contains(where: {
                HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: octets, using: $0)
            })
        else {
            throw Problem(.invalidLink, "The link is not one of this server, or it was changed.")
        }
        guard now().milliseconds < link.expiresAt.milliseconds else {
            throw Problem(.invalidLink, "The link has expired.")
        }
        return link
    }

    private func seconds(_ link: AttachmentLink) -> Int64 { link.expiresAt.milliseconds / 1_000 }

    /// Each text with its length before it, so that no two links are the same octets.
    private func octets(_ link: AttachmentLink) -> [UInt8] {
        let texts = [
            link.account.rawValue, link.message.rawValue, link.attachment.rawValue, link.disposition.rawValue,
            String(seconds(link)),
        ]
        return texts.flatMap { text in Array("\(text.utf8.count):".utf8) + Array(text.utf8) }
    }

    /// In the year 9999.
    private static let lastSecond: Int64 = 253_402_300_799
}
