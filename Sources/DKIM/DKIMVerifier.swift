import Crypto
import Wire

/// What DNS said of a key's name.
package enum DKIMKeyAnswer: Sendable {
    /// The texts of its TXT records, each joined; none where there is no such name.
    case records([[UInt8]])
    /// It could not be asked.
    case unavailable
}

/// Checks the signatures of a message that comes piece by piece, and holds no more than its header.
package struct DKIMVerifier {
    private struct Candidate {
        var field: HeaderBlock.Field
        var signature: DKIMSignature?
        var algorithm: DKIMAlgorithm?
        var verdict: DKIMVerdict
        var body: BodyHasher?
    }

    private var splitter = HeaderSplitter()
    private var header = HeaderBlock([])
    private var candidates: [Candidate]?

    package init() {}

    package mutating func append(_ octets: [UInt8]) {
        guard let body = splitter.append(octets) else { return }
        begin()
        for index in (candidates ?? []).indices { candidates?[index].body?.update(body) }
    }

    private mutating func begin() {
        guard candidates == nil else { return }
        header = HeaderBlock(splitter.header)
        candidates = header.fields.filter { $0.name == "dkim-signature" }.prefix(DKIMLimits.signatures).map { field in
            var candidate = Candidate(field: field, verdict: DKIMVerdict(result: .neutral))
            do throws(DKIMSignature.Fault) {
                let signature = try DKIMSignature(field, &candidate.verdict)
                guard let algorithm = DKIMAlgorithm(rawValue: signature.algorithm) else {
                    throw signature.algorithm == "rsa-sha1"
                        ? .init(result: .policy, reason: "is made with SHA-1 (RFC 8301)")
                        : .syntax("is made with an algorithm that we do not know")
                }
                candidate.signature = signature
                candidate.algorithm = algorithm
                candidate.body = BodyHasher(signature.bodyCanonicalization, limit: signature.bodyLength)
            } catch {
                candidate.verdict.result = error.result
                candidate.verdict.reason = error.reason
            }
            return candidate
        }
    }

    /// What became of each signature, topmost first, once the message is at its end.
    ///
    /// `now` is in seconds since 1970; `keys` is asked once for each name.
    package nonisolated(nonsending) mutating func verdicts(
        now: Int64, keys: (_ name: String) async throws -> DKIMKeyAnswer
    ) async throws -> [DKIMVerdict] {
        if splitter.isTooLong { return [DKIMVerdict(result: .neutral, reason: "the header is too large")] }
        splitter.finish()
        begin()
        var known: [String: DKIMKeyAnswer] = [:]
        var verdicts: [DKIMVerdict] = []
        for candidate in candidates ?? [] {
            var candidate = candidate
            guard let signature = candidate.signature, let algorithm = candidate.algorithm,
                let (hash, uncovered) = candidate.body?.finish()
            else {
                verdicts.append(candidate.verdict)
                continue
            }
            var verdict = candidate.verdict
            verdict.unsignedOctets = uncovered
            do throws(DKIMSignature.Fault) {
                try check(signature, hash, candidate.body?.count ?? 0, now)
                let name = signature.recordName
                let answer: DKIMKeyAnswer
                if let found = known[name] {
                    answer = found
                } else {
                    answer = try await Self.ask(name, keys)
                    known[name] = answer
                }
                let key = try Self.key(answer, algorithm)
                verdict.isTesting = key.isTesting
                try check(signature, candidate.field, key)
                verdict.result = .pass
            } catch {
                verdict.result = error.result
                verdict.reason = error.reason
            }
            verdicts.append(verdict)
        }
        return verdicts
    }

    private nonisolated(nonsending) static func ask(
        _ name: String, _ keys: (String) async throws -> DKIMKeyAnswer
    ) async throws(DKIMSignature.Fault) -> DKIMKeyAnswer {
        do {
            return try await keys(name)
        } catch {
            return .unavailable
        }
    }

    /// What needs no key; so that a message which was changed costs nobody a question.
    private func check(
        _ signature: DKIMSignature, _ hash: [UInt8], _ octets: Int, _ now: Int64
    ) throws(DKIMSignature.Fault) {
        guard !header.hasStrangeLine else {
            throw DKIMSignature.Fault(result: .neutral, reason: "the header has a line that is no field")
        }
        if let expiresAt = signature.expiresAt, expiresAt <= now {
            throw DKIMSignature.Fault(result: .fail, reason: "the signature has expired")
        }
        if let length = signature.bodyLength, length > octets {
            throw DKIMSignature.Fault(result: .fail, reason: "the body is shorter than what was signed")
        }
        guard hash == signature.bodyHash else {
            throw DKIMSignature.Fault(result: .fail, reason: "the body was changed")
        }
        guard !header.hasSurplus(over: signature.signedFields) else {
            throw DKIMSignature.Fault(result: .fail, reason: "a field it covers came again")
        }
    }

    private static func key(
        _ answer: DKIMKeyAnswer, _ algorithm: DKIMAlgorithm
    ) throws(DKIMSignature.Fault) -> KeyRecord {
        guard case .records(let records) = answer else {
            throw DKIMSignature.Fault(result: .temperror, reason: "the key could not be asked for")
        }
        // Of several records any may be the key (RFC 6376, 3.6.2.2); beside it other things may stand.
        var fault = DKIMSignature.Fault(result: .permerror, reason: "there is no key of that name")
        for record in records.prefix(DKIMLimits.signatures) {
            do throws(DKIMSignature.Fault) {
                return try KeyRecord(record, for: algorithm)
            } catch {
                fault = error
            }
        }
        throw fault
    }

    private func check(
        _ signature: DKIMSignature, _ field: HeaderBlock.Field, _ key: KeyRecord
    ) throws(DKIMSignature.Fault) {
        if key.isForDomainOnly, !signature.identity.lowercased().hasSuffix("@" + signature.domain) {
            throw DKIMSignature.Fault(result: .permerror, reason: "the key is for its domain alone")
        }
        let digest = SignedHeader.digest(
            header.signed(signature.signedFields), field, signature.headerCanonicalization)
        guard key.accepts(signature.signature, of: digest) else {
            throw DKIMSignature.Fault(result: .fail, reason: "the signature is not of this header")
        }
    }
}

/// What is signed of a header: the fields in their order, and the signature itself without its end.
enum SignedHeader {
    static func digest(
        _ fields: [HeaderBlock.Field], _ signature: HeaderBlock.Field, _ canonicalization: Canonicalization
    ) -> SHA256Digest {
        var hash = SHA256()
        for field in fields { hash.update(data: canonicalization.header(field) + [0x0D, 0x0A]) }
        hash.update(data: canonicalization.header(DKIMSignature.unsigned(signature)))
        return hash.finalize()
    }
}

/// Divides a message that comes in pieces at its first empty line.
struct HeaderSplitter {
    private(set) var header: [UInt8] = []
    private(set) var isTooLong = false
    private var isDone = false

    /// What of the octets belongs to the body; nil while there is none.
    mutating func append(_ octets: [UInt8]) -> ArraySlice<UInt8>? {
        if isDone { return octets[...] }
        if isTooLong { return nil }
        let start = max(0, header.count - 3)
        header += octets
        guard let (end, body) = Self.end(of: header, from: start) else {
            if header.count > DKIMLimits.header { giveUp() }
            return nil
        }
        guard end <= DKIMLimits.header else {
            giveUp()
            return nil
        }
        let rest = header[body...]
        header = Array(header[..<end])
        isDone = true
        return rest
    }

    private mutating func giveUp() {
        isTooLong = true
        header = []
    }

    /// A message that ends within its header has no body.
    mutating func finish() { isDone = true }

    /// Where the empty line begins, and where the body.
    private static func end(of octets: [UInt8], from start: Int) -> (Int, Int)? {
        if octets.first == 0x0A { return (0, 1) }
        if octets.starts(with: [0x0D, 0x0A]) { return (0, 2) }
        var index = start
        while index < octets.count {
            if octets[index] == 0x0A {
                if index + 1 < octets.count, octets[index + 1] == 0x0A { return (index + 1, index + 2) }
                if index + 2 < octets.count, octets[index + 1] == 0x0D, octets[index + 2] == 0x0A {
                    return (index + 1, index + 3)
                }
            }
            index += 1
        }
        return nil
    }
}
