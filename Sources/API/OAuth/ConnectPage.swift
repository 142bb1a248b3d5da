import HTTP
import HTTPServer
import Model

/// The page on which people connect a mailbox: a few forms, no script, nothing from elsewhere.
struct ConnectPage {
    let theme: ConnectTheme
    /// Names of providers with the origins that they are asked at.
    let providers: [(name: String, origin: String)]

    /// Asks for consent, or for a password.
    func form(
        _ authorization: Authorization, link: String, formToken: String, entered: FormFields = FormFields(),
        fault: String? = nil
    ) -> HTTPResponse {
        let offered = providers.filter { authorization.provider == nil || authorization.provider == $0.name }
        var body = fault.map { "<p class=\"fault\" role=\"alert\">\(Self.escape($0))</p>" } ?? ""
        if let email = authorization.email { body += "<p>\(Self.escape(email))</p>" }
        let token = "<input type=\"hidden\" name=\"token\" value=\"\(formToken)\">"
        for provider in offered {
            body += """
                <form method="post">\(token)<button name="provider" value="\(Self.escape(provider.name))">\
                Continue with \(Self.escape(provider.name.prefix(1).uppercased() + provider.name.dropFirst()))</button></form>
                """
        }
        if authorization.provider == nil {
            body += passwordForm(entered, email: authorization.email, token: token)
        }
        let origins = offered.map(\.origin) + [authorization.returnURL.flatMap(Self.origin)].compactMap(\.self)
        return page(body, status: fault == nil ? .ok : .unprocessableContent, formTargets: origins)
    }

    /// What is said in the end, where there is nowhere to go back to.
    func end(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        page("<p>\(Self.escape(text))</p>", status: status, formTargets: [])
    }

    private func passwordForm(_ entered: FormFields, email: String?, token: String) -> String {
        func value(_ name: String) -> String { Self.escape(entered[name] ?? "") }
        func server(_ name: String, _ title: String, _ security: ConnectionSecurity) -> String {
            let chosen = entered["\(name)Security"] ?? security.rawValue
            let options = ConnectionSecurity.allCases.filter { $0 != .none }.map {
                "<option value=\"\($0.rawValue)\"\($0.rawValue == chosen ? " selected" : "")>\($0.rawValue)</option>"
            }
            return """
                <label>\(title)<input name="\(name)Host" value="\(value("\(name)Host"))" autocomplete="off"></label>\
                <label>Port<input name="\(name)Port" value="\(value("\(name)Port"))" inputmode="numeric"></label>\
                <label>Security<select name="\(name)Security">\(options.joined())</select></label>
                """
        }
        let address =
            email.map { "<input type=\"hidden\" name=\"email\" value=\"\(Self.escape($0))\">" }
                ?? """
                <label>E-mail address<input type="email" name="email" value="\(value("email"))" autocomplete="username" required></label>
                """
        return """
            <form method="post">\(token)\(address)\
            <label>Password<input type="password" name="password" autocomplete="current-password" required></label>\
            <fieldset><legend>Servers (looked for where left empty)</legend>\(server("imap", "IMAP", .tls))\(server("smtp", "SMTP", .tls))</fieldset>\
            <button>Connect</button></form>
            """
    }

    private func page(_ body: String, status: HTTPStatus, formTargets: [String]) -> HTTPResponse {
        let title = Self.escape(theme.title)
        let text =
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
            + "<meta name=\"viewport\" content=\"width=device-width\"><title>\(title)</title>"
            + "<link rel=\"stylesheet\" href=\"/connect/style.css\"></head><body><main><h1>\(title)</h1>\(body)</main></body></html>\n"
        var response = HTTPResponse(status, type: "text/html; charset=utf-8", Array(text.utf8))
        response.fields.append(.cacheControl, "no-store")
        // A form's redirects are checked against form-action too: those of the provider and back to the caller.
        let targets = (["'self'"] + Set(formTargets).sorted()).joined(separator: " ")
        response.fields.append(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; form-action \(targets); frame-ancestors 'none'; base-uri 'none'")
        response.fields.append("Referrer-Policy", "no-referrer")
        response.fields.append("X-Content-Type-Options", "nosniff")
        response.fields.append("X-Frame-Options", "DENY")
        return response
    }

    static func origin(_ url: String) -> String? { (try? HTTPURL(url))?.origin }

    /// For text and for quoted attributes.
    static func escape(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }
}
