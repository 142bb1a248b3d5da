package import Model
import SASL
package import SMTP
package import Transport
import Wire

/// One authenticated connection to a submission server: an `SMTPSession` with a socket.
///
/// One message at a time. What a server answers to a message is a value, `SubmissionOutcome`; only making the connection
/// throws. After each message `isReusable` says whether another may follow.
package actor SMTPConnection: EventLoopBound {
    /// Why a wait for the server ended without an action.
    enum Fault: Error {
        case session(SMTPError)
        case transport(TransportError)
        case handshake(MailClientError)
        /// The message could not be read on our side.
        case content
        case endOfStream
    }

    package nonisolated let eventLoop: EventLoop
    var session: SMTPSession
    var stream: ByteStream?
    /// Messages begun on this connection.
    var messageCount = 0
    /// What was begun behind the end of the message before it.
    var begun: SMTPEnvelope?

    private init(on loop: EventLoop, _ settings: SMTPSessionSettings) {
        eventLoop = loop
        session = SMTPSession(settings)
    }

    /// Connects, starts TLS and, where there are credentials, authenticates, all before `deadline`.
    package static func connect(
        to endpoint: ServerEndpoint, credentials: Credentials?, tokens: AccessTokenSource? = nil,
        clientName: SMTPClientName = .loopback, dialer: MailDialer = MailDialer(),
        on loop: EventLoop, deadline: Deadline
    ) async throws(MailClientError) -> SMTPConnection {
        guard let credentials else {
            return try await open(endpoint, nil, nil, clientName, dialer, on: loop, deadline)
        }
        let login = ServerLogin(endpoint: endpoint, credentials: credentials, tokens: tokens)
        return try await SASLLogin.withCredentials(login, .smtp) { found throws(MailClientError) in
            try await open(endpoint, found, credentials.certificate, clientName, dialer, on: loop, deadline)
        }
    }

    private static func open(
        _ endpoint: ServerEndpoint, _ credentials: SASLCredentials?, _ certificate: ClientCertificate?,
        _ clientName: SMTPClientName, _ dialer: MailDialer, on loop: EventLoop, _ deadline: Deadline
    ) async throws(MailClientError) -> SMTPConnection {
        let settings = SMTPSessionSettings(
            clientName: clientName, credentials: credentials, startsTLS: endpoint.security == .starttls,
            isEncrypted: endpoint.security == .tls, allowsClearText: endpoint.security == .none,
            isLocal: endpoint.speaksLMTP)
        let connection = SMTPConnection(on: loop, settings)
        try await connection.open(endpoint, certificate, dialer, deadline)
        return connection
    }

    /// Shows that the settings work: connects, authenticates, says goodbye, and gives what the server offers.
    package static func verify(
        _ endpoint: ServerEndpoint, credentials: Credentials?, tokens: AccessTokenSource? = nil,
        dialer: MailDialer = MailDialer(), on loop: EventLoop, deadline: Deadline
    ) async throws(MailClientError) -> SMTPCapabilities {
        let connection = try await connect(
            to: endpoint, credentials: credentials, tokens: tokens, dialer: dialer, on: loop, deadline: deadline)
        let capabilities = await connection.capabilities
        await connection.quit(deadline: deadline)
        return capabilities
    }

    package var capabilities: SMTPCapabilities { session.capabilities }

    /// Whether the next message may use this connection, as far as is known without asking the server.
    package var isReusable: Bool {
        session.canContinue && stream?.isClosed == false
            && messageCount < session.capabilities.maximumTransactions ?? .max
    }

    /// Whether `send` can be called once more: as `isReusable`, or the message that was asked for is begun already.
    package var isUsable: Bool { isReusable || (session.hasBegunNext && stream?.isClosed == false) }

    /// Looks, without waiting, whether the server ended the connection while nobody listened.
    package func isAlive() async -> Bool {
        guard isReusable, let stream else { return false }
        do {
            // Whatever it says unasked, 421 or nonsense, it is no server to send to; so is the end of the stream.
            _ = try await stream.fill(deadline: .now)
        } catch .deadlineExceeded {
            return true
        } catch {}
        close()
        return false
    }

    /// Says goodbye and closes; the server's answer is waited for, but means nothing.
    package func quit(deadline: Deadline) async {
        let limit = deadline.earlier(of: .after(.seconds(SMTPPhase.quit.patience)))
        if case .send(let bytes) = session.quit() {
            do throws(Fault) {
                try await write(bytes, limit)
                while try await nextAction(limit) != .closed {}
            } catch {}
        }
        close()
    }

    /// Ends the connection at once; a message under way finds out, and knows what that means for it.
    package func close() { stream?.close() }

    private func open(
        _ endpoint: ServerEndpoint, _ certificate: ClientCertificate?, _ dialer: MailDialer, _ deadline: Deadline
    ) async throws(MailClientError) {
        let stream = try await dialer.connect(
            endpoint, .smtp, certificate: certificate, on: eventLoop, deadline: deadline)
        self.stream = stream
        session.channel = SASLChannel(stream, endpoint)
        let username = session.settings.credentials?.username ?? ""
        session.stage = LoginHabits.shared.stage(endpoint, username)
        do throws(Fault) {
            while true {
                switch try await nextAction(deadline) {
                case .send(let bytes): try await write(bytes, deadline)
                case .startTLS:
                    do throws(MailClientError) {
                        try await dialer.startTLS(
                            on: stream, endpoint, .smtp, certificate: certificate, deadline: deadline)
                    } catch {
                        throw Fault.handshake(error)
                    }
                    let channel = SASLChannel(stream, endpoint)
                    if case .send(let bytes) = session.tlsEstablished(channel) { try await write(bytes, deadline) }
                case .ready:
                    LoginHabits.shared.note(session.stage, endpoint, username)
                    return
                case .wait, .sendContent, .finished, .closed: continue
                }
            }
        } catch {
            let (phase, refusal) = (session.phase, session.refusal)
            close()
            let failure = MailClientError(error, phase)
            guard let refusal, case .authenticationFailed(_, let text) = failure else { throw failure }
            throw .authenticationFailed(.smtp, text: "\(text) (\(refusal))")
        }
    }

    /// What the session makes of the server's next reply, which may have been read already.
    func nextAction(_ deadline: Deadline) async throws(Fault) -> SMTPAction {
        guard let stream else { throw .transport(.closed) }
        let limit = deadline.earlier(of: .after(.seconds(session.phase.patience)))
        while true {
            do throws(SMTPError) {
                if let action = try session.receive(&stream.input) { return action }
            } catch {
                throw .session(error)
            }
            do throws(TransportError) {
                if try await stream.fill(deadline: limit) > 0 { continue }
            } catch {
                throw .transport(error)
            }
            throw .endOfStream
        }
    }

    func write(_ bytes: [UInt8], _ deadline: Deadline) async throws(Fault) {
        guard let stream else { throw .transport(.closed) }
        do throws(TransportError) {
            try await stream.write(bytes, deadline: deadline)
        } catch {
            throw .transport(error)
        }
    }
}

extension MailClientError {
    fileprivate init(_ fault: SMTPConnection.Fault, _ phase: SMTPPhase) {
        switch fault {
        case .session(let error): self.init(error)
        case .transport(let error): self.init(error, .smtp, phase: phase.rawValue)
        case .handshake(let error): self = error
        case .endOfStream, .content: self = .disconnected(.smtp, text: nil)
        }
    }
}
