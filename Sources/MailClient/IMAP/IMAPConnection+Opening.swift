package import IMAP
package import Model
import SASL
package import Transport
import Wire

extension IMAPConnection {
    /// Connects, starts TLS, authenticates and asks what the server can do, all before `deadline`.
    ///
    /// `compresses` asks for DEFLATE where the server has it: about 70 kB of memory for a third of the octets.
    ///
    /// `onEvent` hears what the server says unasked; it runs on the connection's loop and must not block.
    package static func connect(
        to login: ServerLogin, dialer: MailDialer = MailDialer(), on loop: EventLoop, limits: IMAPLimits = IMAPLimits(),
        compresses: Bool = false, deadline: Deadline, onEvent: (@Sendable (IMAPSession.Event) -> Void)? = nil
    ) async throws(MailClientError) -> IMAPConnection {
        try await SASLLogin.withCredentials(login, .imap) { credentials throws(MailClientError) in
            let connection = IMAPConnection(on: loop, limits: limits, onEvent: onEvent)
            try await connection.open(login, credentials, dialer, compresses, deadline)
            return connection
        }
    }

    /// Shows that the settings work: connects, authenticates, says goodbye, and gives what the server offers.
    package static func verify(
        _ login: ServerLogin, dialer: MailDialer = MailDialer(), on loop: EventLoop, deadline: Deadline
    ) async throws(MailClientError) -> CapabilitySet {
        let connection = try await connect(to: login, dialer: dialer, on: loop, deadline: deadline)
        let capabilities = await connection.capabilities
        await connection.logout(deadline: deadline)
        return capabilities
    }

    private func open(
        _ login: ServerLogin, _ credentials: SASLCredentials, _ dialer: MailDialer, _ compresses: Bool,
        _ deadline: Deadline
    ) async throws(MailClientError) {
        host = login.endpoint.host
        let stream = try await dialer.connect(
            login.endpoint, .imap, certificate: login.credentials.certificate, on: eventLoop, deadline: deadline)
        self.stream = stream
        let timer = eventLoop.schedule(at: deadline) { [weak self] in
            self?.assumeIsolated { $0.terminate(.timedOut(.imap, phase: $0.phase)) }
        }
        defer { timer.cancel() }
        do throws(MailClientError) {
            startReading()
            await waitForGreeting()
            if let death { throw death }
            if login.endpoint.security == .starttls { try await startTLS(stream, login, dialer, deadline) }
            if session.state == .notAuthenticated { try await authenticate(credentials, login.endpoint, deadline) }
            if session.capabilities.isEmpty { _ = try await execute(CapabilityCommand(), deadline: deadline) }
            await introduceOurselves(deadline)
            await enableUTF8(deadline)
            if compresses { await compress(deadline) }
            if let death { throw death }
        } catch {
            terminate(error)
            throw death ?? error
        }
    }

    /// STARTTLS with the demands of RFC 9051, 11.1 and RFC 8314: never go on in the clear, believe nothing said before.
    private func startTLS(
        _ stream: ByteStream, _ login: ServerLogin, _ dialer: MailDialer, _ deadline: Deadline
    ) async throws(MailClientError) {
        phase = "STARTTLS"
        // A PREAUTH greeting forbids STARTTLS: an attacker could have made it.
        guard session.state == .notAuthenticated else { throw .startTLSUnavailable(.imap) }
        if session.capabilities.isEmpty { _ = try await execute(CapabilityCommand(), deadline: deadline) }
        guard session.capabilities.contains(.startTLS) else { throw .startTLSUnavailable(.imap) }
        do throws(IMAPFault) {
            try await perform(StartTLSCommand(), deadline: deadline)
        } catch {
            if case .server(.no) = error { throw .startTLSUnavailable(.imap) }
            if case .server(.bad) = error { throw .startTLSUnavailable(.imap) }
            throw error.clientError
        }
        if let death { throw death }
        try await dialer.startTLS(
            on: stream, login.endpoint, .imap, certificate: login.credentials.certificate, deadline: deadline)
        startReading()
    }

    /// ID, which some servers want before they show all they can; a refusal means nothing.
    private func introduceOurselves(_ deadline: Deadline) async {
        phase = "ID"
        guard session.capabilities.contains(.id) else { return }
        do throws(IMAPFault) {
            serverID = try await perform(IDCommand([(name: "name", value: "Mailbridge")]), deadline: deadline)
        } catch {}
    }

    /// Names and headers in UTF-8 (RFC 6855); a server that refuses is spoken to as before.
    private func enableUTF8(_ deadline: Deadline) async {
        phase = "ENABLE"
        guard session.capabilities.contains(.enable), session.capabilities.contains(.utf8Accept) else { return }
        do throws(IMAPFault) {
            _ = try await perform(EnableCommand([.utf8Accept]), deadline: deadline)
        } catch {}
    }

    /// A server that refuses, or compresses already below us, is spoken to as before.
    private func compress(_ deadline: Deadline) async {
        phase = "COMPRESS"
        guard session.capabilities.contains(.compressDeflate) else { return }
        do throws(IMAPFault) {
            try await perform(CompressCommand(), deadline: deadline)
        } catch {}
    }
}
