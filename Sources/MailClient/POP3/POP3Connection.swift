package import Model
package import POP3
import SASL
import Synchronization
package import Transport
import Wire

/// One session at a maildrop: a `POP3Session` with a socket.
///
/// Whatever breaks a command off ends the connection, without QUIT: what was marked as deleted stays.
package actor POP3Connection: EventLoopBound {
    /// Why a wait for the server ended without an action.
    enum Fault: Error {
        case session(POP3Error)
        case transport(TransportError)
        case handshake(MailClientError)
        case endOfStream
    }

    package nonisolated let eventLoop: EventLoop
    package nonisolated let openedAt = Deadline.now
    private var session: POP3Session
    private var stream: ByteStream?

    private init(on loop: EventLoop, _ settings: POP3SessionSettings) {
        eventLoop = loop
        session = POP3Session(settings)
    }

    /// Connects, starts TLS and logs in, all before `deadline`.
    ///
    /// `noting` is told what the server can do also where it then refuses the login.
    package static func connect(
        to login: ServerLogin, dialer: MailDialer = MailDialer(), on loop: EventLoop, deadline: Deadline,
        noting: @Sendable (POP3Capabilities) -> Void = { _ in }
    ) async throws(MailClientError) -> POP3Connection {
        try await SASLLogin.withCredentials(login, .pop3) { found throws(MailClientError) in
            let connection = POP3Connection(on: loop, POP3SessionSettings(login, found))
            do throws(MailClientError) {
                try await connection.open(login, dialer, deadline)
            } catch {
                await noting(connection.capabilities)
                throw error
            }
            await noting(connection.capabilities)
            return connection
        }
    }

    /// Logs in and out again; returns where the server let us in, even if somebody, perhaps ourselves, has the maildrop.
    package static func verify(
        _ login: ServerLogin, dialer: MailDialer = MailDialer(), on loop: EventLoop, deadline: Deadline
    ) async throws(MailClientError) {
        try await SASLLogin.withCredentials(login, .pop3) { found throws(MailClientError) in
            let connection = POP3Connection(on: loop, POP3SessionSettings(login, found))
            do throws(MailClientError) {
                try await connection.open(login, dialer, deadline)
            } catch {
                if await connection.session.isLockedOut { return }
                // A server that says so in words, or to anybody, has not looked at the password.
                guard case .rejected(_, MailClientError.maildropInUse, let text) = error else { throw error }
                throw .unavailable(.pop3, text: text)
            }
            // Nothing was changed: how it ends does not matter.
            try? await connection.quit(deadline: .after(.seconds(2)))
        }
    }

    package var capabilities: POP3Capabilities { session.capabilities }

    /// Whether another command may follow, as far as is known without asking the server.
    package var isUsable: Bool { session.isIdle && stream?.isClosed == false && stream?.input.isEmpty == true }

    /// Sends one command, and gives its answer; content goes to `sink` as it comes, which may suspend: backpressure reaches
    /// the server.
    package func execute(
        _ command: POP3Command, deadline: Deadline,
        _ sink: @escaping @Sendable ([UInt8]) async throws -> Void = { _ in }
    ) async throws -> POP3Reply {
        let answer = Mutex(POP3Reply(isOK: false))
        try await execute([command], deadline: deadline) { _, action in
            switch action {
            case .reply(let reply): answer.withLock { $0 = reply }
            case .content(let octets): try await sink(octets)
            default: break
            }
        }
        return answer.withLock { $0 }
    }

    /// Sends commands, many at once where the server has PIPELINING, and tells what each is answered by its index.
    ///
    /// Where `heed` throws the connection is of no use any more, because answers are still to come.
    package func execute(
        _ commands: [POP3Command], deadline: Deadline, _ heed: @Sendable (Int, POP3Action) async throws -> Void
    ) async throws {
        let group = session.capabilities.pipelines ? POP3Limits.maximumPipelinedCommands : 1
        do {
            for start in stride(from: 0, to: commands.count, by: group) {
                let sent = commands[start..<min(start + group, commands.count)]
                try requireQuiet()
                try await write(session.submit(Array(sent)), deadline)
                var index = start
                while index < sent.endIndex {
                    let action = try await nextAction(deadline)
                    try await heed(index, action)
                    switch action {
                    case .reply(let reply): if !reply.isOK || !commands[index].hasContent { index += 1 }
                    case .endOfContent: index += 1
                    default: break
                    }
                }
            }
        } catch {
            let phase = session.phase
            close()
            switch error {
            case let fault as Fault: throw MailClientError(fault, phase)
            case let fault as POP3Error: throw MailClientError(fault)
            default: throw error
            }
        }
    }

    /// Takes leave; returns only where the server confirmed it, so that what was deleted is gone.
    package func quit(deadline: Deadline) async throws(MailClientError) {
        defer { close() }
        do throws(Fault) {
            try requireQuiet()
            try await write(session.quit(), deadline)
            while true {
                guard case .closed(let reply) = try await nextAction(deadline) else { continue }
                guard reply.isOK else { throw MailClientError(refusal: reply).asFault }
                return
            }
        } catch {
            throw MailClientError(error, .quit)
        }
    }

    /// Octets that nobody asked for would count as the answer to what is said next.
    private func requireQuiet() throws(Fault) {
        if let stream, !stream.input.isEmpty { throw .session(.outOfStep(.idle)) }
    }

    /// Ends the connection at once: nothing that was marked as deleted is removed (RFC 1939, 6).
    package func close() { stream?.close() }

    private func open(
        _ login: ServerLogin, _ dialer: MailDialer, _ deadline: Deadline
    ) async throws(MailClientError) {
        let (endpoint, certificate) = (login.endpoint, login.credentials.certificate)
        let stream = try await dialer.connect(
            endpoint, .pop3, certificate: certificate, on: eventLoop, deadline: deadline)
        self.stream = stream
        session.channel = SASLChannel(stream, endpoint)
        session.stage = LoginHabits.shared.stage(endpoint, login.credentials.username)
        do throws(Fault) {
            while true {
                switch try await nextAction(deadline) {
                case .send(let bytes): try await write(bytes, deadline)
                case .startTLS:
                    do throws(MailClientError) {
                        try await dialer.startTLS(
                            on: stream, endpoint, .pop3, certificate: certificate, deadline: deadline)
                    } catch {
                        throw Fault.handshake(error)
                    }
                    let channel = SASLChannel(stream, endpoint)
                    if case .send(let bytes) = session.tlsEstablished(channel) { try await write(bytes, deadline) }
                case .ready:
                    LoginHabits.shared.note(session.stage, endpoint, login.credentials.username)
                    return
                case .wait, .reply, .content, .endOfContent, .closed: continue
                }
            }
        } catch {
            let (phase, refusal) = (session.phase, session.refusal)
            close()
            let failure = MailClientError(error, phase)
            guard let refusal, case .authenticationFailed(_, let text) = failure else { throw failure }
            throw .authenticationFailed(.pop3, text: "\(text) (\(refusal))")
        }
    }

    /// What the session makes of what the server says next, which may have been read already.
    private func nextAction(_ deadline: Deadline) async throws(Fault) -> POP3Action {
        guard let stream else { throw .transport(.closed) }
        while true {
            do throws(POP3Error) {
                if let action = try session.receive(&stream.input) { return action }
            } catch {
                throw .session(error)
            }
            do throws(TransportError) {
                let limit = deadline.earlier(of: .after(Limits.maildropPatience))
                if try await stream.fill(deadline: limit) > 0 { continue }
            } catch {
                throw .transport(error)
            }
            throw .endOfStream
        }
    }

    private func write(_ bytes: [UInt8], _ deadline: Deadline) async throws(Fault) {
        guard let stream, !bytes.isEmpty else { throw .transport(.closed) }
        do throws(TransportError) {
            try await stream.write(bytes, deadline: deadline)
        } catch {
            throw .transport(error)
        }
    }
}

extension POP3SessionSettings {
    fileprivate init(_ login: ServerLogin, _ credentials: SASLCredentials) {
        self.init(
            credentials: credentials, startsTLS: login.endpoint.security == .starttls,
            isEncrypted: login.endpoint.security == .tls)
    }
}

extension MailClientError {
    fileprivate var asFault: POP3Connection.Fault { .handshake(self) }

    fileprivate init(_ fault: POP3Connection.Fault, _ phase: POP3Phase) {
        switch fault {
        case .session(let error): self.init(error)
        case .transport(let error): self.init(error, .pop3, phase: phase.rawValue)
        case .handshake(let error): self = error
        case .endOfStream: self = .disconnected(.pop3, text: nil)
        }
    }
}
