import Model
import Store
import Wire

extension AccountSettings {
    /// What is wrong with the settings before any server is asked; empty where nothing is.
    var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if let name {
            if name.count > Limits.nameLength {
                faults.append(FieldFault(pointer: "/name", detail: "is longer than \(Limits.nameLength) characters"))
            } else if name.utf8.contains(where: isControl) {
                faults.append(FieldFault(pointer: "/name", detail: "contains a control character"))
            }
        }
        if let detail = Self.fault(inAddress: email) { faults.append(FieldFault(pointer: "/email", detail: detail)) }
        if let authservIDs {
            if authservIDs.count > Limits.authservIDs {
                faults.append(
                    FieldFault(pointer: "/authservIds", detail: "takes \(Limits.authservIDs) names at most"))
            }
            for (index, name) in authservIDs.enumerated()
            where name.isEmpty || name.utf8.count > Limits.hostOctets || name.utf8.contains(where: isControl) {
                faults.append(FieldFault(pointer: "/authservIds/\(index)", detail: "is no authserv-id"))
            }
        }
        if servers.isEmpty {
            faults.append(FieldFault(pointer: "", detail: "at least one of imap, pop3 and smtp is required"))
        }
        if servers[.imap] != nil, servers[.pop3] != nil {
            faults.append(FieldFault(pointer: "/pop3", detail: "cannot be there together with imap"))
        }
        if let days = retention?.days, !(1...Limits.retentionDays).contains(days) {
            faults.append(
                FieldFault(pointer: "/pop3/retention/days", detail: "must be between 1 and \(Limits.retentionDays)"))
        }
        faults += syncFaults
        for name in MailProtocol.allCases where servers[name] != nil { faults += Self.faults(of: name, in: self) }
        if let shared = credentials.shared { faults += Self.faults(in: shared, at: "/credentials") }
        return faults
    }

    private var syncFaults: [FieldFault] {
        var faults: [FieldFault] = []
        func fail(_ member: String, _ detail: String) {
            faults.append(FieldFault(pointer: "/sync/" + member, detail: detail))
        }
        if let time = sync.announceSince, time > .now() { fail("announceSince", "must not be in the future") }
        if let names = sync.mailboxes {
            if servers[.imap] == nil { fail("mailboxes", "is only for an account with imap") }
            if !(1...Limits.syncedMailboxes).contains(names.count) {
                fail("mailboxes", "must name 1 to \(Limits.syncedMailboxes); without it all are kept in step")
            }
        }
        if !sync.roles.isEmpty, servers[.imap] == nil { fail("roles", "is only for an account with imap") }
        if sync.roles[.inbox] != nil { fail("roles/inbox", "is always INBOX (RFC 9051, 5.1)") }
        if Set(sync.roles.values).count < sync.roles.count { fail("roles", "must name another mailbox for each role") }
        return faults
    }

    private static func faults(of name: MailProtocol, in settings: AccountSettings) -> [FieldFault] {
        guard let endpoint = settings.servers[name] else { return [] }
        let pointer = "/\(name.rawValue)"
        var faults: [FieldFault] = []
        if let detail = fault(inHost: endpoint.host) {
            faults.append(FieldFault(pointer: pointer + "/host", detail: detail))
        }
        if endpoint.port == 0 {
            faults.append(FieldFault(pointer: pointer + "/port", detail: "must be between 1 and 65535"))
        }
        if let serverName = endpoint.tls.serverName, let detail = fault(inHost: serverName) {
            faults.append(FieldFault(pointer: pointer + "/tls/serverName", detail: detail))
        }
        if let certificates = endpoint.tls.caCertificates, let detail = fault(inCertificates: certificates) {
            faults.append(FieldFault(pointer: pointer + "/tls/caCertificates", detail: detail))
        }
        if endpoint.allowsCleartext, endpoint.security != .none {
            faults.append(
                FieldFault(pointer: pointer + "/allowCleartext", detail: "is only for a server with security none"))
        }
        if endpoint.security == .none, case .certificate = settings.credentials.credentials(for: name)?.authentication {
            faults.append(
                FieldFault(pointer: pointer + "/security", detail: "must be tls or starttls to show a certificate"))
        }
        if let own = settings.credentials.own[name] {
            faults += Self.faults(in: own, at: pointer + "/credentials")
        } else if settings.credentials.shared == nil {
            faults.append(
                FieldFault(
                    pointer: pointer + "/credentials", detail: "is required where there are no common credentials"))
        }
        return faults
    }

    private static func faults(in credentials: Credentials, at pointer: String) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let detail = fault(inCredential: credentials.username) {
            faults.append(FieldFault(pointer: pointer + "/username", detail: detail))
        }
        switch credentials.authentication {
        case .password(let secret):
            if let detail = fault(inCredential: secret.revealed) {
                faults.append(FieldFault(pointer: pointer + "/password", detail: detail))
            }
        case .certificate(let certificate):
            if let detail = fault(inCertificates: certificate.chain) {
                faults.append(FieldFault(pointer: pointer + "/certificate", detail: detail))
            }
            if !certificate.privateKey.revealed.contains("PRIVATE KEY-----") {
                faults.append(FieldFault(pointer: pointer + "/privateKey", detail: "is no private key in PEM"))
            }
        case .oauth2: break
        }
        return faults
    }

    private static func fault(inCertificates text: String) -> String? {
        text.contains("-----BEGIN CERTIFICATE-----") && text.utf8.count <= Limits.certificateOctets
            ? nil : "are no certificates in PEM"
    }

    /// No login can carry these: SASL PLAIN has NUL as separator, and a line break ends a command.
    private static func fault(inCredential text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > Limits.credentialOctets { return "is longer than \(Limits.credentialOctets) octets" }
        if text.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) { return "contains a line break or NUL" }
        return nil
    }

    /// A plain `local@domain`, as a mail server will be told it; what a header field may have round it does not belong here.
    static func fault(inAddress text: String) -> String? {
        let octets = Array(text.utf8)
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < octets.count else {
            return "is no e-mail address"
        }
        if octets.count > Limits.addressOctets { return "is longer than \(Limits.addressOctets) octets" }
        let forbidden = Set("<>()[]\\,;:\" ".utf8)
        if octets.contains(where: { isControl($0) || forbidden.contains($0) })
            || octets[..<at].contains(UInt8(ascii: "@"))
        {
            return "is no e-mail address"
        }
        let labels = octets[(at + 1)...].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.contains(where: \.isEmpty) ? "is no e-mail address" : nil
    }

    /// A host name in ASCII (RFC 1123, and the underscore that some have), or an IP address.
    private static func fault(inHost text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > Limits.hostOctets { return "is longer than \(Limits.hostOctets) octets" }
        if text.utf8.contains(UInt8(ascii: ":")) {
            let isAddress = text.utf8.allSatisfy { byte in
                (0x30...0x3A).contains(byte) || (0x61...0x66).contains(byte | 0x20) || byte == UInt8(ascii: ".")
            }
            return isAddress ? nil : "is no host name; a port goes into port"
        }
        if text.utf8.contains(where: { $0 >= 0x80 }) { return "is not ASCII; write it in its xn-- form" }
        let isName = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { (1...63).contains($0.count) }
        return isName && areLabels ? nil : "is no host name"
    }
}

func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
