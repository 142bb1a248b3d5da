package import SASL
import Wire

/// What is done between the greeting and the first command, one after the other.
enum SetUpStep: Sendable {
    enum Stage: Sendable {
        case beforeTLS
        case beforeLogin
        /// A server may show other things to those who are logged in (RFC 2449, 5).
        case afterLogin
    }

    case capabilities(Stage)
    case startTLS
    case handshake
    case language
    case utf8
    case authentication(SASLExchange)
    case cancelledAuthentication(SASLExchange, SASLError)
    case user(password: Secret)
    case password
    case apop

    var phase: POP3Phase {
        switch self {
        case .capabilities: .capabilities
        case .startTLS, .handshake: .startTLS
        case .language, .utf8: .language
        case .authentication, .cancelledAuthentication, .user, .password, .apop: .authentication
        }
    }

    /// Whether what is answered is the proof of who we are.
    var hasShownSecret: Bool {
        switch self {
        case .password, .apop: true
        case .authentication(let exchange): exchange.isComplete
        default: false
        }
    }
}

extension POP3Session {
    /// The server's certificate is verified: forgets what was said in the clear and asks anew (RFC 2595, 4).
    package mutating func tlsEstablished(_ channel: SASLChannel = .encrypted) -> POP3Action {
        self.channel = channel
        capabilities = .unknown
        return ask(.beforeLogin)
    }

    mutating func greet(_ reply: POP3Reply) throws(POP3Error) -> POP3Action {
        guard reply.isOK else { throw .refused(.greeting, reply) }
        timestamp = APOP.timestamp(in: reply.text)
        return ask(settings.startsTLS && !isEncrypted ? .beforeTLS : .beforeLogin)
    }

    private mutating func ask(_ stage: SetUpStep.Stage) -> POP3Action {
        state = .setUp(.capabilities(stage))
        return .send(Array("CAPA\r\n".utf8))
    }

    mutating func setUp(
        _ step: SetUpStep, _ reply: POP3Reply, bytesFollow: Bool
    ) throws(POP3Error) -> POP3Action {
        isLockedOut = !reply.isOK && reply.code == "IN-USE" && step.hasShownSecret
        switch step {
        case .capabilities: return try afterCapabilities()
        case .startTLS:
            guard reply.isOK else { throw .startTLSUnavailable(reply) }
            guard !bytesFollow else { throw .injectedBeforeTLS }
            state = .setUp(.handshake)
            return .startTLS
        case .language: return try afterLanguage()
        case .utf8:
            return try logIn()
        case .authentication(let exchange):
            guard reply.isOK else { return try refused(exchange, reply) }
            do { try exchange.succeed() } catch { throw .authenticationImpossible(error) }
            return loggedIn()
        case .cancelledAuthentication(let exchange, let error):
            // SCRAM itself can say that the server does not want it (RFC 5802, 7).
            guard case .refused(let reason) = error else { throw .authenticationImpossible(error) }
            refusal = reason
            return try refused(exchange, reply)
        case .user(let password):
            if !reply.isOK, let timestamp, reply.refusal == .other,
                case .password(let name, _, _) = settings.credentials
            {
                return try sendAPOP(name, password, timestamp)
            }
            guard reply.isOK else { throw Self.refusedLogin(reply) }
            state = .setUp(.password)
            return .send(Array("PASS ".utf8) + password.utf8 + [0x0D, 0x0A])
        case .password, .apop:
            guard reply.isOK else { throw Self.refusedLogin(reply) }
            return loggedIn()
        case .handshake: throw .outOfStep(.startTLS)
        }
    }

    /// CAPA was answered, or refused by a server that does not know it.
    mutating func afterCapabilities() throws(POP3Error) -> POP3Action {
        guard case .setUp(.capabilities(let stage)) = state else { throw .outOfStep(phase) }
        switch stage {
        case .beforeTLS:
            guard capabilities.mayHave("STLS") else { throw .startTLSUnavailable(nil) }
            state = .setUp(.startTLS)
            return .send(Array("STLS\r\n".utf8))
        case .beforeLogin:
            guard capabilities.offers("LANG") else { return try afterLanguage() }
            // What the server says is shown beside English words; where it cannot, it says so in its own.
            state = .setUp(.language)
            return .send(Array("LANG en\r\n".utf8))
        case .afterLogin:
            state = .transaction
            return .ready
        }
    }

    /// Without it a server has to turn headers in UTF-8 into something else (RFC 6856, 2).
    private mutating func afterLanguage() throws(POP3Error) -> POP3Action {
        guard capabilities.offers("UTF8") else { return try logIn() }
        state = .setUp(.utf8)
        return .send(Array("UTF8\r\n".utf8))
    }

    // MARK: Logging in

    /// What keeps the password secret first; then what TLS, or the account's owner, allows.
    private mutating func logIn() throws(POP3Error) -> POP3Action {
        var fault = SASLError.noCommonMechanism(offered: capabilities.mechanisms)
        if let action = try authenticate(allowsClearText: false, &fault) { return action }
        guard case .password(let name, let password, let authorizationID) = settings.credentials,
            authorizationID.isEmpty
        else {
            if let action = try authenticate(allowsClearText: channel.allowsClearText, &fault) { return action }
            throw .authenticationImpossible(fault)
        }
        guard !(name + password.revealed).utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
            throw .unspeakableCredentials
        }
        // Only SASL says in which charset a name is, but for servers that have UTF8 with USER (RFC 6856, 2.1).
        let isSpeakable =
            (name + password.revealed).utf8.allSatisfy { $0 < 0x80 } || capabilities.takesUTF8Credentials
            || capabilities.mechanisms.isEmpty
        if isSpeakable, stage != .passwordOnly, !isEncrypted || capabilities.isKnown && !capabilities.offers("USER"),
            let timestamp
        {
            return try sendAPOP(name, password, timestamp)
        }
        if let action = try authenticate(allowsClearText: channel.allowsClearText, &fault) { return action }
        guard isEncrypted || channel.allowsClearText else { throw .authenticationImpossible(.refusedInClear) }
        state = .setUp(.user(password: password))
        return .send(Array("USER \(name)\r\n".utf8))
    }

    /// Nil, with the reason, where none of the server's mechanisms can be used.
    private mutating func authenticate(
        allowsClearText: Bool, _ fault: inout SASLError
    ) throws(POP3Error) -> POP3Action? {
        guard !capabilities.mechanisms.isEmpty else { return nil }
        let mechanism: any SASLMechanism
        var channel = channel
        channel.allowsClearText = allowsClearText
        do throws(SASLError) {
            mechanism = try SASLSelection.mechanism(
                offered: capabilities.mechanisms, credentials: settings.credentials, channel: channel,
                stage: stage)
        } catch {
            fault = error
            return nil
        }
        do {
            var exchange = try SASLExchange(mechanism, sendsInitialResponse: true)
            var line = Array("AUTH \(exchange.name)".utf8)
            if let initial = exchange.initialLine {
                // RFC 5034, 4: what is longer waits to be asked for.
                if line.count + initial.count + 3 <= POP3Limits.maximumCommandOctets {
                    line += [0x20] + initial
                } else {
                    exchange = try SASLExchange(mechanism, sendsInitialResponse: false)
                }
            }
            state = .setUp(.authentication(exchange))
            return .send(line + [0x0D, 0x0A])
        } catch {
            throw .authenticationImpossible(error)
        }
    }

    mutating func answer(_ challenge: [UInt8], _ exchange: SASLExchange) -> POP3Action {
        var exchange = exchange
        do {
            let response = try exchange.respond(toLine: challenge)
            refusal = exchange.refusal
            state = .setUp(.authentication(exchange))
            return .send(response + [0x0D, 0x0A])
        } catch {
            state = .setUp(.cancelledAuthentication(exchange, error))
            return .send(SASLExchange.cancellation + [0x0D, 0x0A])
        }
    }

    private mutating func refused(_ exchange: SASLExchange, _ reply: POP3Reply) throws(POP3Error) -> POP3Action {
        let error = Self.refusedLogin(reply)
        guard case .authenticationFailed = error, let next = stage.next(after: exchange, on: channel) else {
            throw error
        }
        stage = next
        do throws(POP3Error) {
            let action = try logIn()
            refusal = nil
            return action
        } catch {
            throw Self.refusedLogin(reply)
        }
    }

    private mutating func sendAPOP(
        _ name: String, _ password: Secret, _ timestamp: String
    ) throws(POP3Error) -> POP3Action {
        // The parameters are separated by a blank.
        guard !name.utf8.contains(0x20) else { throw .unspeakableCredentials }
        state = .setUp(.apop)
        return .send(Array("APOP \(name) \(APOP.digest(timestamp: timestamp, password: password.utf8))\r\n".utf8))
    }

    private mutating func loggedIn() -> POP3Action {
        if capabilities.isKnown { return ask(.afterLogin) }
        state = .transaction
        return .ready
    }

    private static func refusedLogin(_ reply: POP3Reply) -> POP3Error {
        switch reply.refusal {
        case .inUse, .loginDelay, .temporary, .permanent: .refused(.authentication, reply)
        case .credentials, .other: .authenticationFailed(reply)
        }
    }
}
