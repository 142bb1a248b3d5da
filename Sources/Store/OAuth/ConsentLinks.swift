import Crypto
package import Model
import Synchronization
import Wire

/// Links by which a person gives an account its consent again: told in the event that says it is gone, and good as long as that is kept.
///
/// Such a link opens a page and nothing else: there the provider asks who one is, and only the mailbox's own consent is taken.
package final class ConsentLinks: Sendable {
    /// The first signs; what another signed is ours too: keys are replaced while links are about.
    private let keys: @Sendable () -> [SymmetricKey]
    private let lifetime: Duration
    private let base = Mutex<String>("")

    init(keys: @escaping @Sendable () -> [SymmetricKey], lifetime: Duration) {
        self.keys = keys
        self.lifetime = lifetime
    }

    /// From now on links begin with this; without it there are none.
    package func use(publicURL: String) { base.withLock { $0 = publicURL } }

    func url(of account: AccountID, now: Timestamp) -> String? {
        let base = base.withLock { $0 }
        guard !base.isEmpty else { return nil }
        let until = now.advanced(by: lifetime).milliseconds / 1000
        let text = "\(until).\(account.rawValue)"
        return
            "\(base)/connect/\(Self.mark)\(Base64.encodeURLSafe(code(text))).\(Base64.encodeURLSafe(Array(text.utf8)))"
    }

    /// The account that the last part of such a URL is of; nil for what is none of ours, or too old.
    package func account(of link: String, now: Timestamp) -> AccountID? {
        guard link.hasPrefix(Self.mark), link.utf8.count <= 300 else { return nil }
        let parts = link.dropFirst(Self.mark.count).split(separator: ".")
        guard parts.count == 2, let code = Base64.decodeURLSafe(String(parts[0])),
            let octets = Base64.decodeURLSafe(String(parts[1])),
            keys().contains(where: {
                HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: octets, using: $0)
            })
        else { return nil }
        let text = String(decoding: octets, as: UTF8.self)
        guard let dot = text.firstIndex(of: "."), let until = Int64(text[..<dot]), now.milliseconds / 1000 < until
        else { return nil }
        return AccountID(rawValue: String(text[text.index(after: dot)...]))
    }

    private func code(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: keys()[0]))
    }

    private static let mark = "again."
}
