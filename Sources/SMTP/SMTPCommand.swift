import SASL

/// A command as it goes out; only checked values get into one, so none can hold a line end of its own.
enum SMTPCommand: Sendable, Equatable {
    case hello(String)
    /// HELO, for servers of RFC 821.
    case plainHello(String)
    /// EHLO's other name, by which LMTP is spoken (RFC 2033).
    case localHello(String)
    case startTLS
    case authenticate(name: String, initial: [UInt8]?)
    case mail(SMTPEnvelope, SMTPCapabilities)
    case recipient(SMTPPath, SMTPEnvelope, SMTPCapabilities)
    case data
    case reset
    case quit

    var bytes: [UInt8] {
        var line: [UInt8]
        switch self {
        case .hello(let domain): line = Array("EHLO \(domain)".utf8)
        case .localHello(let domain): line = Array("LHLO \(domain)".utf8)
        case .plainHello(let domain): line = Array("HELO \(domain)".utf8)
        case .startTLS: line = Array("STARTTLS".utf8)
        case .authenticate(let name, let initial):
            line = Array("AUTH \(name)".utf8)
            if let initial { line += [0x20] + initial }
        case .mail(let envelope, let server): line = Array("MAIL FROM:\(Self.arguments(envelope, server))".utf8)
        case .recipient(let path, let envelope, let server):
            line = Array("RCPT TO:\(path)\(envelope.options.recipientParameters(path, server))".utf8)
        case .data: line = Array("DATA".utf8)
        case .reset: line = Array("RSET".utf8)
        case .quit: line = Array("QUIT".utf8)
        }
        line += [0x0D, 0x0A]
        return line
    }

    /// The reverse-path and the parameters that the server offers and the message needs (RFC 1870, 6152, 6531, 3030, …).
    private static func arguments(_ envelope: SMTPEnvelope, _ server: SMTPCapabilities) -> String {
        var text = envelope.mailFrom.description
        if let size = envelope.size, server.offersSize { text += " SIZE=\(size)" }
        switch envelope.body {
        case .sevenBit: break
        case .eightBit: text += " BODY=8BITMIME"
        case .binary: text += " BODY=BINARYMIME"
        }
        if envelope.needsSMTPUTF8 { text += " SMTPUTF8" }
        return text + envelope.options.mailParameters(server)
    }
}

/// The name a client gives itself in EHLO: a domain or an address literal (RFC 5321 section 4.1.3).
package struct SMTPClientName: Sendable, Equatable {
    package let text: String

    /// What is true of any client and tells nothing about ours.
    package static let loopback = SMTPClientName(text: "[127.0.0.1]")

    private init(text: String) { self.text = text }

    /// Nil where `text` is neither a domain nor an address literal.
    package init?(_ text: String) {
        guard let path = try? SMTPPath("postmaster@\(text)"), path.isASCII else { return nil }
        self.text = text
    }
}
