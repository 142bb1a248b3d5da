extension DovecotServer {
    /// Delivers a message as Postfix would, by LMTP.
    ///
    /// Dovecot adds `Return-Path`, `Delivered-To` and `Received`.
    package func deliver(_ user: MailUser, _ raw: [UInt8], from sender: String = "") async throws {
        try await deliver(user, [raw], from: sender)
    }

    /// The same for many messages over one connection.
    package func deliver(_ user: MailUser, _ messages: [[UInt8]], from sender: String = "") async throws {
        let port = ports.lmtp
        try await onThread { try MailInjection.deliver(messages, port: port, from: sender, to: user) }
    }
}

extension PostfixServer {
    /// Brings a message from outside to port 25's counterpart, as another mail server would.
    package func receive(_ raw: [UInt8], from sender: String, to recipients: [String]) async throws {
        let port = ports.smtp
        try await onThread {
            let session = try MailInjection(port: port, greeting: "EHLO outside.test")
            try session.send(raw, from: sender, to: recipients)
            try session.command("QUIT", expecting: "221")
        }
    }
}

/// Just enough SMTP and LMTP to put a message into a server.
struct MailInjection {
    private let stream: SocketStream

    /// Delivers messages over one LMTP connection.
    static func deliver(_ messages: [[UInt8]], port: UInt16, from sender: String, to user: MailUser) throws {
        let session = try MailInjection(port: port, greeting: "LHLO test")
        for message in messages { try session.send(message, from: sender, to: [user.email]) }
        try session.command("QUIT", expecting: "221")
    }

    init(port: UInt16, greeting: String) throws {
        stream = try SocketStream(port: port)
        try reply(expecting: "220", to: "the connection")
        try command(greeting, expecting: "250")
    }

    func send(_ raw: [UInt8], from sender: String, to recipients: [String]) throws {
        try command("MAIL FROM:<\(sender)> BODY=8BITMIME", expecting: "250")
        for recipient in recipients { try command("RCPT TO:<\(recipient)>", expecting: "250") }
        try command("DATA", expecting: "354")
        try stream.send(Self.stuffed(raw))
        try reply(expecting: "250", to: "the message")
    }

    func command(_ line: String, expecting code: String) throws {
        try stream.send(line + "\r\n")
        try reply(expecting: code, to: line)
    }

    private func reply(expecting code: String, to what: String) throws {
        while let line = try stream.readLine() {
            guard line.hasPrefix(code) else { throw ServerFailure("\(what) was answered by \"\(line)\"") }
            if line.dropFirst(3).first != "-" { return }
        }
        throw ServerFailure("The server closed the connection after \(what)")
    }

    /// RFC 5321, section 4.5.2, with the final dot.
    private static func stuffed(_ raw: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count + 16)
        var isLineStart = true
        for byte in raw {
            if isLineStart, byte == UInt8(ascii: ".") { bytes.append(byte) }
            bytes.append(byte)
            isLineStart = byte == 10
        }
        if !isLineStart { bytes += [13, 10] }
        return bytes + Array(".\r\n".utf8)
    }
}
