package import Wire

/// A DKIM key of an account, as it is shown: without its secret.
package struct SigningKey: Sendable, Equatable {
    /// `d=`: lower case, ASCII.
    package var domain: String
    /// `s=`.
    package var selector: String
    package var algorithm: SigningAlgorithm
    /// Base64, as the key record has it.
    package var publicKey: String

    package init(domain: String, selector: String, algorithm: SigningAlgorithm, publicKey: String) {
        self.domain = domain
        self.selector = selector
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    /// The name of the TXT record that publishes it (RFC 6376, 3.6.2.1).
    package var recordName: String { Self.recordName(selector, of: domain) }

    package static func recordName(_ selector: String, of domain: String) -> String {
        "\(selector)._domainkey.\(domain)"
    }

    package var recordValue: String {
        switch algorithm {
        case .rsaSHA256: "v=DKIM1; k=rsa; p=\(publicKey)"
        case .ed25519SHA256: "v=DKIM1; k=ed25519; p=\(publicKey)"
        }
    }
}

/// By which mail is signed (RFC 8301, RFC 8463).
package enum SigningAlgorithm: String, Sendable, CaseIterable {
    case rsaSHA256 = "rsa-sha256"
    case ed25519SHA256 = "ed25519-sha256"
}

/// A key that an account is to have.
package struct SigningKeyDraft: Sendable, Equatable {
    package var domain: String
    package var selector: String
    package var algorithm: SigningAlgorithm?
    /// Nil for the one that is there under this domain and selector, else for one that we make.
    package var privateKey: Secret?

    package init(domain: String, selector: String, algorithm: SigningAlgorithm? = nil, privateKey: Secret? = nil) {
        self.domain = domain
        self.selector = selector
        self.algorithm = algorithm
        self.privateKey = privateKey
    }
}

/// The secret half of a `SigningKey`.
package struct SigningSecret: Sendable, Equatable {
    package var domain: String
    package var selector: String
    package var privateKey: Secret

    package init(domain: String, selector: String, privateKey: Secret) {
        self.domain = domain
        self.selector = selector
        self.privateKey = privateKey
    }
}
