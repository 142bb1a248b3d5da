internal import Glibc

/// Certificates or a key in PEM form.
///
/// It never prints its bytes.
package struct PEM: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Reads the file now: what it says later does not matter.
    package init(file path: String) throws(TransportError) {
        let unreadable = TransportError.tls(.configuration(.unreadableFile(path)))
        let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { throw unreadable }
        let descriptor = try Descriptor(raw, .listen)
        var bytes: [UInt8] = []
        while bytes.count <= Limits.pemSize {
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                count = unsafe max(0, Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count))
            }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        guard !bytes.isEmpty, bytes.count <= Limits.pemSize else { throw unreadable }
        self.bytes = bytes
    }

    package var description: String { "<PEM, \(bytes.count) octets>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The oldest TLS that is spoken; older ones are forbidden by RFC 8996.
package enum TLSVersion: String, Sendable, Hashable, Comparable {
    case tls12 = "TLSv1.2"
    case tls13 = "TLSv1.3"

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left == .tls12 && right == .tls13 }
}

/// How we speak TLS to a server.
///
/// Equal configurations share a context and its remembered sessions.
package struct TLSClientConfiguration: Hashable, Sendable {
    /// Whether the certificate must be valid and for the server's name.
    ///
    /// Without it the peer can be anybody.
    package var verify: Bool
    /// The authorities that are trusted *instead* of the system's; a server's own certificate may stand here too.
    package var caCertificates: PEM?
    /// What the server knows us by, where it asks: our certificate, then those of its issuers.
    package var certificateChain: PEM?
    /// The key of `certificateChain`.
    package var privateKey: PEM?
    package var minimumVersion: TLSVersion
    /// Application protocols in order of preference (RFC 7301).
    package var applicationProtocols: [String]
    /// Whether sessions are remembered and resumed.
    package var resumesSessions: Bool

    package init(
        verify: Bool = true, caCertificates: PEM? = nil, certificateChain: PEM? = nil, privateKey: PEM? = nil,
        minimumVersion: TLSVersion = .tls12, applicationProtocols: [String] = [], resumesSessions: Bool = true
    ) {
        self.verify = verify
        self.caCertificates = caCertificates
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.minimumVersion = minimumVersion
        self.applicationProtocols = applicationProtocols
        self.resumesSessions = resumesSessions
    }
}

/// How we speak TLS as a server.
package struct TLSServerConfiguration: Hashable, Sendable {
    /// Our certificate first, then those of its issuers.
    package var certificateChain: PEM
    package var privateKey: PEM
    package var minimumVersion: TLSVersion
    /// Application protocols in order of preference (RFC 7301).
    package var applicationProtocols: [String]

    package init(
        certificateChain: PEM, privateKey: PEM, minimumVersion: TLSVersion = .tls12, applicationProtocols: [String] = []
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.minimumVersion = minimumVersion
        self.applicationProtocols = applicationProtocols
    }
}

/// What was negotiated.
package struct TLSSessionInfo: Sendable, Hashable {
    /// As OpenSSL names it: `TLSv1.3`.
    package let version: String
    /// As OpenSSL names it: `TLS_AES_256_GCM_SHA384`.
    package let cipher: String
    package let applicationProtocol: String?
    /// The session continues an earlier one.
    package let isResumed: Bool
    /// Whether the peer's certificate was checked, and was good.
    ///
    /// False only where the configuration says `verify: false`, and on the server's side.
    package let isVerified: Bool
}
