package import Model
package import Store
package import Wire

/// A signing secret as the Standard Webhooks specification writes it: `whsec_` and 24 to 64 octets in base64.
package enum WebhookSecret {
    static let prefix = "whsec_"

    /// A new one of 256 random bits.
    package static func make() -> Secret { Secret(prefix + Base64.encode(RandomOctets.make(32))) }

    /// The key; nil where the text is no secret.
    package static func key(of secret: Secret) -> [UInt8]? {
        guard secret.revealed.hasPrefix(prefix),
            let octets = Base64.decode(String(secret.revealed.dropFirst(prefix.utf8.count))),
            (24...64).contains(octets.count)
        else { return nil }
        return octets
    }
}

extension WebhookSecrets {
    /// Those that sign at that moment, the current one first.
    package func signing(at now: Timestamp) -> [Secret] {
        [current] + previous.filter { now < $0.until }.map(\.secret)
    }

    /// With another current secret; the one before signs on for a while.
    func rotated(to secret: Secret, now: Timestamp) -> WebhookSecrets {
        let living = previous.filter { now < $0.until }
        let replaced = Previous(current, until: now.advanced(by: Limits.secretOverlap))
        return WebhookSecrets(current: secret, previous: Array(([replaced] + living).prefix(Limits.previousSecrets)))
    }
}
