import DKIM
import MIME
import Model
import Store
import Wire

/// The DKIM keys that an account is to have.
struct AccountSigning: Equatable {
    private(set) var keys: [SigningKey] = []
    private(set) var secrets: [SigningSecret] = []
    /// Places of the drafts whose keys are to be made first: that takes too long to do it here.
    private(set) var unmade: [Int] = []

    init(_ keys: [SigningKey] = [], _ secrets: [SigningSecret] = []) {
        self.keys = keys
        self.secrets = secrets
    }

    /// A new key for a draft without one.
    static func make(_ algorithm: SigningAlgorithm?) throws -> Secret {
        let algorithm = DKIMAlgorithm(rawValue: (algorithm ?? .rsaSHA256).rawValue) ?? .rsaSHA256
        return try DKIMKey(makingFor: "", selector: "", algorithm).text
    }

    /// Takes the place of those that are there; a key of which only its name is told stays as it is, or is `unmade`.
    mutating func replace(with drafts: [SigningKeyDraft]) -> [FieldFault] {
        var faults: [FieldFault] = []
        var new = AccountSigning()
        var names: Set<String> = []
        if drafts.count > Limits.signingKeys {
            faults.append(FieldFault(pointer: "/dkim", detail: "takes \(Limits.signingKeys) keys at most"))
        }
        for (index, draft) in drafts.prefix(Limits.signingKeys).enumerated() {
            let pointer = "/dkim/\(index)"
            guard let domain = Self.domain(draft.domain) else {
                faults.append(FieldFault(pointer: pointer + "/domain", detail: "is no domain"))
                continue
            }
            guard Self.areLabels(draft.selector), draft.selector.utf8.count <= Limits.selectorOctets else {
                faults.append(
                    FieldFault(
                        pointer: pointer + "/selector",
                        detail: "takes up to \(Limits.selectorOctets) letters, digits, hyphens and dots"))
                continue
            }
            let selector = draft.selector.lowercased()
            let name = SigningKey.recordName(selector, of: domain)
            guard name.utf8.count <= Limits.hostOctets else {
                faults.append(
                    FieldFault(
                        pointer: pointer + "/domain",
                        detail: "makes the record's name longer than \(Limits.hostOctets) octets"))
                continue
            }
            guard names.insert(name).inserted else {
                faults.append(FieldFault(pointer: pointer + "/selector", detail: "is there twice"))
                continue
            }
            guard let secret = draft.privateKey else {
                if let kept = place(of: domain, selector, draft.algorithm) {
                    new.keys.append(keys[kept])
                    new.secrets.append(secrets[kept])
                } else {
                    new.unmade.append(index)
                }
                continue
            }
            guard let key = DKIMKey(secret, domain: domain, selector: selector) else {
                faults.append(
                    FieldFault(
                        pointer: pointer + "/privateKey",
                        detail: "is no private key in PEM, RSA of 1024 to 4096 bits or Ed25519"))
                continue
            }
            if let algorithm = draft.algorithm, algorithm.rawValue != key.algorithm.rawValue {
                faults.append(FieldFault(pointer: pointer + "/algorithm", detail: "is not that of the key"))
                continue
            }
            new.append(key)
        }
        if faults.isEmpty { self = new }
        return faults
    }

    private func place(of domain: String, _ selector: String, _ algorithm: SigningAlgorithm?) -> Int? {
        keys.indices.first { index in
            keys[index].domain == domain && keys[index].selector == selector
                && (algorithm == nil || algorithm == keys[index].algorithm)
                && secrets.indices.contains(index)
        }
    }

    private mutating func append(_ key: DKIMKey) {
        guard let algorithm = SigningAlgorithm(rawValue: key.algorithm.rawValue) else { return }
        keys.append(
            SigningKey(
                domain: key.domain, selector: key.selector, algorithm: algorithm, publicKey: key.publicKey))
        secrets.append(SigningSecret(domain: key.domain, selector: key.selector, privateKey: key.text))
    }

    private static func domain(_ text: String) -> String? {
        guard let ascii = Punycode.asciiDomain(text[...])?.lowercased(), ascii.contains("."), areLabels(ascii) else {
            return nil
        }
        return ascii
    }

    private static func areLabels(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= Limits.hostOctets
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy { ByteSet.letters.contains($0) || ByteSet.digits.contains($0) || $0 == 0x2D }
            }
    }
}
