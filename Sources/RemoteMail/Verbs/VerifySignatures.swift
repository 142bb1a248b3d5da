import DKIM
import Model
import Synchronization

extension AccountMail {
    /// What became of the message's DKIM signatures, topmost first; for that it is read once, and held nowhere.
    ///
    /// What could not be read or asked for in time is `temperror`, never a failure of the call.
    func signatures(
        of message: Message, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [SignatureVerdict] {
        guard message.hasSignature else { return [] }
        guard message.size <= Limits.verifiedOctets else {
            return [SignatureVerdict(result: "neutral", reason: "the message is too large to be verified")]
        }
        let reading = SignatureReading()
        let content = try await rawMessage(message.id, of: account, needsSize: false, deadline: deadline)
        do {
            try await content.stream(nil) { octets in
                guard ContinuousClock.now < deadline else { throw SignatureReading.Late() }
                reading.read(octets)
            }
        } catch is SignatureReading.Late {
            return [SignatureVerdict(result: "temperror", reason: "the message could not be read in time")]
        }
        let end = min(deadline, .now + Limits.keyLookups)
        var verifier = reading.taken
        let verdicts = try await verifier.verdicts(now: Timestamp.now().milliseconds / 1000) { name in
            .records(try await keys(name, end))
        }
        return verdicts.map(SignatureVerdict.init)
    }
}

/// The pieces of a message come one after the other, wherever each is delivered.
private final class SignatureReading: Sendable {
    struct Late: Error {}

    private let verifier = Mutex(DKIMVerifier())

    func read(_ octets: [UInt8]) { verifier.withLock { $0.append(octets) } }

    var taken: DKIMVerifier { verifier.withLock { $0 } }
}

extension SignatureVerdict {
    fileprivate init(_ verdict: DKIMVerdict) {
        self.init(
            result: verdict.result.rawValue, reason: verdict.reason, domain: verdict.domain,
            selector: verdict.selector, identity: verdict.identity, algorithm: verdict.algorithm,
            signedFields: verdict.signedFields, unsignedOctets: verdict.unsignedOctets,
            signedAt: verdict.signedAt.flatMap(Self.time), expiresAt: verdict.expiresAt.flatMap(Self.time),
            isTesting: verdict.isTesting)
    }

    /// Nil for what is no time that can be written.
    private static func time(_ seconds: Int64) -> Timestamp? {
        (0..<253_402_300_800).contains(seconds) ? Timestamp(milliseconds: seconds * 1000) : nil
    }
}
