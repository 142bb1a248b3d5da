package import Wire

/// A request to a server of the identity world: an authorization server, a key set, the user's own token endpoint.
package struct WebRequest: Sendable, Equatable {
    package var url: String
    /// Sent as a form by POST; nil is a GET.
    package var form: [FormField]?
    /// The whole value of `Authorization`.
    package var authorization: Secret?

    package init(_ url: String, form: [FormField]? = nil, authorization: Secret? = nil) {
        self.url = url
        self.form = form
        self.authorization = authorization
    }
}

/// What came back, whatever its status.
package struct WebAnswer: Sendable, Equatable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Sends a request, not following redirects, to addresses that the egress policy allows.
///
/// The error is a sentence for people.
package typealias WebSender = @Sendable (WebRequest) async throws(WebFault) -> WebAnswer

/// No answer came, and why.
package struct WebFault: Error, Sendable, Equatable {
    package var text: String

    package init(_ text: String) { self.text = text }
}

/// A field of `application/x-www-form-urlencoded`.
package struct FormField: Sendable, Equatable {
    package var name: String
    package var value: Secret

    package init(_ name: String, _ value: String) { self.init(name, Secret(value)) }

    package init(_ name: String, _ value: Secret) {
        self.name = name
        self.value = value
    }

    /// The body, or the query of a URL.
    package static func encode(_ fields: [FormField]) -> String {
        fields.map { "\(escaped($0.name))=\(escaped($0.value.revealed))" }.joined(separator: "&")
    }

    /// All but RFC 3986's unreserved octets as `%XX`: that is right in a query and in a form.
    package static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
            default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
