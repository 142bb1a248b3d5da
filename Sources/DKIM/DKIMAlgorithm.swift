/// By which a message is signed (RFC 8301, RFC 8463).
package enum DKIMAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rsaSHA256 = "rsa-sha256"
    case ed25519SHA256 = "ed25519-sha256"

    /// As key records name it.
    package var keyType: String {
        switch self {
        case .rsaSHA256: "rsa"
        case .ed25519SHA256: "ed25519"
        }
    }
}

/// What was found out about a signature, in the words of RFC 8601, section 2.7.1.
package enum DKIMResult: String, Sendable, Hashable {
    case pass
    case fail
    /// Signed by what nobody should rely on: SHA-1, or a key that is too short.
    case policy
    /// Not written as the standard says.
    case neutral
    /// The key could not be asked for just now.
    case temperror
    /// It cannot be verified, now or later: for example there is no key.
    case permerror
}

/// A signature, and what was found out about it.
package struct DKIMVerdict: Sendable, Equatable {
    package var result: DKIMResult
    /// Why it is not `pass`.
    package var reason: String?
    /// Who vouches (`d=`), lower case; nil where the signature does not say it.
    package var domain: String?
    package var selector: String?
    /// On whose behalf (`i=`).
    package var identity: String?
    /// As written, also where we do not know it.
    package var algorithm: String?
    /// Names of the fields that it covers, lower case.
    package var signedFields: [String] = []
    /// Octets at the end of the canonical body that anybody may have added (`l=`).
    package var unsignedOctets = 0
    /// Seconds since 1970.
    package var signedAt: Int64?
    package var expiresAt: Int64?
    /// The domain says that it is only trying (`t=y`).
    package var isTesting = false
}
