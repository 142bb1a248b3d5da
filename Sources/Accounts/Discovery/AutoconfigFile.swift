import Model

/// A configuration file of a domain (draft-ietf-mailmaint-autoconfig, Thunderbird's `config-v1.1.xml`).
struct AutoconfigFile {
    /// Where such files are, for a domain; the address is told only where nobody listens.
    static func places(of domain: String, email: String) -> [String] {
        let query = "emailaddress=" + FormField.escaped(email)
        return [
            "https://autoconfig.\(domain)/mail/config-v1.1.xml?\(query)",
            "https://\(domain)/.well-known/autoconfig/mail/config-v1.1.xml?\(query)",
            "http://autoconfig.\(domain)/mail/config-v1.1.xml",
            "http://\(domain)/.well-known/autoconfig/mail/config-v1.1.xml",
        ]
    }

    /// The servers that the file names, in its order.
    static func servers(
        _ octets: [UInt8], email: String, origin: DiscoveredServer.Origin, evidence: String
    ) throws(XMLFault) -> [DiscoveredServer] {
        let root = try XMLElement(parsing: octets)
        guard root.name == "clientConfig" else { throw XMLFault("is no clientConfig") }
        var servers: [DiscoveredServer] = []
        for provider in root.children where provider.name == "emailProvider" {
            for element in provider.children where ["incomingServer", "outgoingServer"].contains(element.name) {
                guard servers.count < Limits.discoveredServers, let server = server(element, email, origin, evidence)
                else { continue }
                servers.append(server)
            }
        }
        return servers
    }

    private static func server(
        _ element: XMLElement, _ email: String, _ origin: DiscoveredServer.Origin, _ evidence: String
    ) -> DiscoveredServer? {
        func text(_ name: String) -> String? {
            element.children.first { $0.name == name }?.text.trimmed
        }
        guard let mailProtocol = element.attributes["type"].flatMap(MailProtocol.init),
            let host = text("hostname")?.filled(email).lowercased(), DomainName.isHost(host),
            let port = text("port").flatMap({ UInt16($0) }), port > 0
        else { return nil }
        let security: ConnectionSecurity
        switch text("socketType")?.uppercased() {
        case "SSL", "TLS": security = .tls
        case "STARTTLS": security = .starttls
        // A password in the clear is never proposed.
        default: return nil
        }
        return DiscoveredServer(
            mailProtocol: mailProtocol, endpoint: ServerEndpoint(host: host, port: port, security: security),
            username: text("username").map { $0.filled(email) } ?? email, origin: origin, evidence: evidence,
            authentication: element.children.filter { $0.name == "authentication" }
                .compactMap { String($0.text.trimmed.prefix(64)) })
    }
}

extension String {
    fileprivate var trimmed: String {
        let whites: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        var text = self[...].drop { whites.contains($0) }
        while let last = text.last, whites.contains(last) { text.removeLast() }
        return String(text)
    }

    /// With the address in the place of what stands for it.
    fileprivate func filled(_ email: String) -> String {
        let at = email.lastIndex(of: "@") ?? email.endIndex
        let domain = at == email.endIndex ? "" : String(email[email.index(after: at)...])
        return replacing("%EMAILADDRESS%", with: email).replacing("%EMAILLOCALPART%", with: String(email[..<at]))
            .replacing("%EMAILDOMAIN%", with: domain)
    }
}
