import IMAP
import Model
package import SASL
import Transport

extension IMAPConnection {
    /// Logs in the strongest way that server and credentials have in common.
    func authenticate(
        _ credentials: SASLCredentials, _ endpoint: ServerEndpoint, _ deadline: Deadline
    ) async throws(MailClientError) {
        phase = "the login"
        if session.capabilities.isEmpty { _ = try await execute(CapabilityCommand(), deadline: deadline) }
        let channel = stream.map { SASLChannel($0, endpoint) } ?? .clear
        let username = credentials.username
        var stage = LoginHabits.shared.stage(endpoint, username)
        while let refused = try await attempt(credentials, channel, stage, deadline) {
            guard let next = refused.next else { throw refused.error }
            stage = next
        }
        LoginHabits.shared.note(stage, endpoint, username)
    }

    /// What became of one mechanism.
    private struct Refusal {
        let error: MailClientError
        /// What may be tried instead.
        let next: SASLStage?
    }

    /// Nil where the server let us in.
    private func attempt(
        _ credentials: SASLCredentials, _ channel: SASLChannel, _ stage: SASLStage, _ deadline: Deadline
    ) async throws(MailClientError) -> Refusal? {
        let capabilities = session.capabilities
        let command: AuthenticateCommand
        do throws(SASLError) {
            let mechanism = try SASLSelection.mechanism(
                offered: capabilities.authenticationMechanisms, credentials: credentials, channel: channel,
                stage: stage)
            command = try AuthenticateCommand(mechanism, capabilities: capabilities)
        } catch {
            guard case .noCommonMechanism = error, case .password(let username, let password, _) = credentials else {
                throw MailClientError(imapLogin: error)
            }
            guard channel.isEncrypted || channel.allowsClearText else {
                throw MailClientError(imapLogin: .refusedInClear)
            }
            return try await login(LoginCommand(username: username, password: password), deadline)
        }
        do throws(IMAPFault) {
            try await perform(command, deadline: deadline)
            return nil
        } catch {
            if let fault = command.report.fault, !fault.isRefusal { throw MailClientError(imapLogin: fault) }
            let failure = Self.failure(error, command.report.refusal)
            guard case .authenticationFailed = failure else { throw failure }
            return Refusal(error: failure, next: stage.next(after: command.exchange, on: channel))
        }
    }

    /// The LOGIN command, where the server has no mechanism of ours.
    private func login(_ command: LoginCommand, _ deadline: Deadline) async throws(MailClientError) -> Refusal? {
        do throws(IMAPFault) {
            try await perform(command, deadline: deadline)
            return nil
        } catch {
            if case .server(.unsupported(.loginDisabled)) = error {
                throw .noAuthenticationMechanism(.imap, offered: session.capabilities.authenticationMechanisms)
            }
            return Refusal(error: Self.failure(error, nil), next: nil)
        }
    }

    private static func failure(_ fault: IMAPFault, _ refusal: SASLRefusal?) -> MailClientError {
        switch fault {
        case .client(let error): return error
        case .server(let error):
            // Whatever the command's end says, NO or BAD: the mechanism said that the credentials are refused.
            if let refusal {
                switch error {
                case .no(let text), .bad(let text):
                    return .authenticationFailed(.imap, text: "\(text.text) (\(refusal))")
                default: break
                }
            }
            return MailClientError(login: error)
        }
    }
}

extension SASLError {
    /// The server refuses, and we did not give up.
    var isRefusal: Bool { if case .refused = self { true } else { false } }
}

extension SASLCredentials {
    package var username: String {
        switch self {
        case .password(let username, _, _), .token(let username, _, _, _), .certificate(let username): username
        }
    }
}
