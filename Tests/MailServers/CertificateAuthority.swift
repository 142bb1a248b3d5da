import Foundation

/// A certificate authority of its own for each run, and the server certificates that tests need.
package struct CertificateAuthority: Sendable {
    /// What is wrong with a server's certificate, if anything.
    package enum Flaw: String, Sendable, CaseIterable {
        case none, expired, wrongHost, untrusted
    }

    /// Paths of PEM files.
    package struct Identity: Sendable {
        package let certificate: String
        package let key: String
    }

    /// The path of the PEM file that a client has to trust.
    package let certificate: String
    private let folder: TemporaryFolder

    package var certificatePEM: String { folder.text(of: "ca.pem") }

    /// Makes the authority and all its certificates in a `tls` folder inside of `folder`.
    package init(in folder: TemporaryFolder) throws {
        self.folder = folder
        certificate = folder("ca.pem")
        let openssl = try Command.locate("openssl")
        try Self.makeAuthority("ca", openssl, folder)
        try Self.makeAuthority("stranger", openssl, folder)
        let here = "DNS:localhost,IP:127.0.0.1,IP:::1"
        try issue(.none, by: "ca", names: here, openssl)
        try issue(.expired, by: "ca", names: here, validity: ("20200101000000Z", "20210101000000Z"), openssl)
        try issue(.wrongHost, by: "ca", names: "DNS:mail.elsewhere.test", openssl)
        try issue(.untrusted, by: "stranger", names: here, openssl)
    }

    package func identity(_ flaw: Flaw = .none) -> Identity {
        Identity(certificate: folder("\(flaw.rawValue).pem"), key: folder("\(flaw.rawValue).key"))
    }

    /// A certificate for a client, in the authority's folder.
    package func clientIdentity(_ commonName: String) throws -> Identity {
        let openssl = try Command.locate("openssl")
        let name = "client-\(UUID().uuidString)"
        let files = ["-keyout", folder("\(name).key"), "-out", folder("\(name).csr")]
        try Command.check([openssl, "req", "-new", "-subj", "/CN=\(commonName)"] + Self.newKey + files)
        let authority = ["-CA", folder("ca.pem"), "-CAkey", folder("ca.key"), "-CAcreateserial", "-days", "3650"]
        try Command.check(
            [openssl, "x509", "-req", "-in", folder("\(name).csr"), "-out", folder("\(name).pem")] + authority)
        return Identity(certificate: folder("\(name).pem"), key: folder("\(name).key"))
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func makeAuthority(_ name: String, _ openssl: String, _ folder: TemporaryFolder) throws {
        let subject = ["-subj", "/CN=Mailbridge test \(name)", "-days", "3650"]
        let usage = [
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        ]
        let files = ["-keyout", folder("\(name).key"), "-out", folder("\(name).pem")]
        try Command.check([openssl, "req", "-x509"] + newKey + subject + usage + files)
    }

    /// `openssl ca` is the only command of OpenSSL 3.0 that takes both ends of the validity.
    private func issue(
        _ flaw: Flaw, by issuer: String, names: String,
        validity: (String, String) = ("20240101000000Z", "20990101000000Z"),
        _ openssl: String
    ) throws {
        let name = flaw.rawValue
        try folder.write("", to: "\(name).index")
        try folder.write(
            """
            [ca]
            default_ca = test
            [test]
            database = \(folder("\(name).index"))
            new_certs_dir = \(folder.path)
            rand_serial = yes
            default_md = sha256
            policy = any
            x509_extensions = server
            unique_subject = no
            [any]
            commonName = supplied
            [server]
            basicConstraints = CA:FALSE
            keyUsage = digitalSignature
            extendedKeyUsage = serverAuth
            subjectAltName = \(names)
            """, to: "\(name).cnf")
        let key = ["-keyout", folder("\(name).key"), "-out", folder("\(name).csr")]
        try Command.check([openssl, "req", "-new", "-subj", "/CN=Mailbridge test \(name)"] + Self.newKey + key)
        let authority = ["-cert", folder("\(issuer).pem"), "-keyfile", folder("\(issuer).key")]
        let dates = ["-startdate", validity.0, "-enddate", validity.1]
        let files = ["-in", folder("\(name).csr"), "-out", folder("\(name).pem"), "-notext"]
        try Command.check(
            [openssl, "ca", "-batch", "-config", folder("\(name).cnf")] + authority + dates + files)
    }
}
