package import Wire

/// LOGIN (RFC 9051, 6.2.3): the last resort, refused where the server says LOGINDISABLED.
package struct LoginCommand: IMAPCommand {
    package typealias Result = Void

    private let username: String
    private let password: Secret

    package init(username: String, password: Secret) {
        self.username = username
        self.password = password
    }

    package var name: StaticString { "LOGIN" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .authenticates }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard !encoder.capabilities.contains(.loginDisabled) else { throw .unsupported(.loginDisabled) }
        encoder.raw("LOGIN ")
        try encoder.string(username)
        encoder.space()
        try encoder.string(password.revealed)
    }
}
