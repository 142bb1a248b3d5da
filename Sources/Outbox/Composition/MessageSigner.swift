import DKIM
import MIME
import Model
import Synchronization

/// Signs a message while it goes into the queue, over the octets that will be sent: the queue gives them out unchanged, and SMTP adds
/// nothing but dots that the other side takes away.
final class MessageSigner: Sendable {
    private let signer: Mutex<DKIMSigner>

    /// Nil where the account has no key for the domain that the author is of: a signature of another would help nobody (RFC 7489, 3.1).
    init?(_ message: PreparedMessage, of account: Account, _ secrets: SubmissionService.SecretSource) async throws {
        guard !account.signingKeys.isEmpty, let at = message.author.lastIndex(of: "@"),
            let domain = Punycode.asciiDomain(message.author[message.author.index(after: at)...])?.lowercased()
        else { return nil }
        let keys = try await secrets(account.id).compactMap { secret -> DKIMKey? in
            guard domain == secret.domain || domain.hasSuffix("." + secret.domain) else { return nil }
            return DKIMKey(secret.privateKey, domain: secret.domain, selector: secret.selector)
        }
        guard !keys.isEmpty else { return nil }
        signer = Mutex(DKIMSigner(keys))
    }

    func read(_ octets: [UInt8]) { signer.withLock { $0.append(octets) } }

    /// The fields that go before the message.
    func signature(at time: Timestamp) throws -> [UInt8] {
        try signer.withLock { try $0.finish(now: time.milliseconds / 1000) }
    }
}
