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
        do {
            try await SignatureReading.within(deadline) {
                let content = try await rawMessage(message.id, of: account, needsSize: false, deadline: deadline)
                try await content.stream(nil) { reading.read($0) }
            }
        } catch {
            try Task.checkCancellation()
            return [SignatureVerdict(result: "temperror", reason: "the message could not be read in time")]
        }
        let end = min(deadline, .now + Limits.keyLookups)
        var verifier = reading.taken
        let verdicts = try await verifier.verdicts(now: Timestamp.now().milliseconds / 1000) { name in
            // One mute server may have taken all the time: no question is begun that nobody waits for.
            ContinuousClock.now < end ? .records(try await keys(name, end)) : .unavailable
        }
        return verdicts.map(SignatureVerdict.init)
    }
}

/// The pieces of a message come one after the other, wherever each is delivered.
private final class SignatureReading: Sendable {
    private struct Late: Error {}

    /// Gives up at the deadline, also where the server falls silent: a download has time of its own, and much.
    static func within(
        _ deadline: ContinuousClock.Instant, _ read: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await read() }
            group.addTask {
                try await Task.sleep(until: deadline, clock: .continuous)
                throw Late()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

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
