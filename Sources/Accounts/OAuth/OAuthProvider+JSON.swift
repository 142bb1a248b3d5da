import Model
import Representation
import Wire

/// Reads the setting that says which providers there are: `{"google": {"clientId", "clientSecret"}, …}`.
package enum OAuthProviderSettings {
    /// What is wrong with the setting.
    package struct Fault: Error, Sendable, Equatable {
        package var text: String
    }

    package static func read(_ text: String) throws(Fault) -> [String: OAuthProvider] {
        let value: JSONValue
        do {
            value = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw Fault(text: "it is not JSON: \(error)")
        }
        guard case .object(let members) = value else { throw Fault(text: "it is not a JSON object") }
        var providers: [String: OAuthProvider] = [:]
        for member in members { providers[member.name] = try provider(member.name, member.value) }
        return providers
    }

    private static let known: Set<String> = [
        "clientId", "clientSecret", "tenant", "issuer", "authorizationUrl", "tokenUrl", "deviceUrl", "scopes",
        "parameters", "domains", "secretInForm", "imap", "smtp", "pop3",
    ]

    private static func provider(_ name: String, _ value: JSONValue) throws(Fault) -> OAuthProvider {
        guard case .object(let members) = value else { throw Fault(text: "\(name) is not an object") }
        if let stray = members.first(where: { !known.contains($0.name) }) {
            throw Fault(text: "\(name) has an unknown member \(stray.name)")
        }
        guard let clientID = value["clientId"]?.text else { throw Fault(text: "\(name) has no clientId") }
        var provider = OAuthProvider.preset(name, tenant: value["tenant"]?.text ?? "common", clientID: clientID)
        provider.clientSecret = value["clientSecret"]?.text.map { Secret($0) }
        if case .bool(let flag)? = value["secretInForm"] { provider.secretInForm = flag }
        if let issuer = value["issuer"]?.text { provider.issuer = issuer }
        if let url = value["authorizationUrl"]?.text { provider.authorizationURL = url }
        if let url = value["tokenUrl"]?.text { provider.tokenURL = url }
        if let url = value["deviceUrl"]?.text { provider.deviceURL = url }
        if let scopes = value["scopes"] { provider.scopes = try texts(scopes, "\(name)/scopes") }
        if let domains = value["domains"] {
            provider.domains = try texts(domains, "\(name)/domains").map { $0.lowercased() }
        }
        if case .object(let parameters)? = value["parameters"] {
            for parameter in parameters { provider.parameters[parameter.name] = parameter.value.text }
        }
        for mailProtocol in MailProtocol.allCases {
            guard let server = value[mailProtocol.rawValue] else { continue }
            provider.servers[mailProtocol] = try endpoint(server, mailProtocol, "\(name)/\(mailProtocol.rawValue)")
        }
        guard provider.tokenURL != nil || provider.issuer != nil else {
            throw Fault(text: "\(name) needs an issuer, or authorizationUrl and tokenUrl")
        }
        return provider
    }

    private static func endpoint(
        _ value: JSONValue, _ mailProtocol: MailProtocol, _ place: String
    ) throws(Fault) -> ServerEndpoint {
        guard let host = value["host"]?.text else { throw Fault(text: "\(place) has no host") }
        let word = value["security"]?.text ?? ConnectionSecurity.tls.rawValue
        guard let security = ConnectionSecurity(rawValue: word) else {
            throw Fault(text: "\(place)/security must be tls, starttls or none")
        }
        var port = mailProtocol.usualPort(security)
        if case .number(let text)? = value["port"] {
            guard let number = UInt16(text), number > 0 else { throw Fault(text: "\(place)/port is no port") }
            port = number
        }
        return ServerEndpoint(
            host: host, port: port, security: security,
            tls: TLSSettings(caCertificates: value["caCertificates"]?.text))
    }

    private static func texts(_ value: JSONValue, _ place: String) throws(Fault) -> [String] {
        guard case .array(let elements) = value else { throw Fault(text: "\(place) is not a list") }
        return elements.compactMap(\.text)
    }
}

extension JSONValue {
    /// The string it is, if it is one and not empty.
    var text: String? {
        if case .string(let text) = self, !text.isEmpty { text } else { nil }
    }

    /// The whole number it is; some servers write it as a string.
    var wholeNumber: Int? {
        switch self {
        case .number(let text), .string(let text): Int(text) ?? Double(text).flatMap { Int(exactly: $0.rounded()) }
        default: nil
        }
    }
}
