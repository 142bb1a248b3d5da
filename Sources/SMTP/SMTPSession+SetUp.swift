package import SASL

/// From the greeting to the point where messages may begin, and the replies outside of messages.
extension SMTPSession {
    /// The server's certificate is verified: forgets what was said in the clear and greets anew (RFC 3207 section 4.2).
    package mutating func tlsEstablished(_ channel: SASLChannel = .encrypted) -> SMTPAction {
        self.channel = channel
        capabilities = .none
        state = .hello
        return .send(greeting)
    }

    private var greeting: [UInt8] {
        let name = settings.clientName.text
        return (settings.isLocal ? SMTPCommand.localHello(name) : .hello(name)).bytes
    }

    mutating func setUp(_ reply: SMTPReply, bytesFollow: Bool) throws(SMTPError) -> SMTPAction {
        switch state {
        case .greeting:
            try expectSuccess(reply)
            state = .hello
            return .send(greeting)
        case .hello:
            if reply.category == .permanentFailure, !settings.isLocal {
                state = .plainHello
                return .send(SMTPCommand.plainHello(settings.clientName.text).bytes)
            }
            try expectSuccess(reply)
            capabilities = SMTPCapabilities(reply)
            return try afterHello()
        case .plainHello:
            try expectSuccess(reply)
            capabilities = .none
            return try afterHello()
        case .startTLS:
            if reply.isRefusal { throw .startTLSUnavailable(reply) }
            try expectSuccess(reply)
            guard !bytesFollow else { throw .injectedBeforeTLS }
            state = .handshake
            return .startTLS
        case .authentication(let exchange):
            return try authenticate(exchange, reply)
        case .cancelledAuthentication(let exchange, let error):
            // SCRAM itself can say that the server does not want it (RFC 5802, 7).
            guard case .refused(let reason) = error else { throw .authenticationImpossible(error) }
            // It could not look the user up, say: that is nothing against the password.
            if reply.category == .transientFailure { throw .authenticationUnavailable(reply) }
            refusal = reason
            return try refused(exchange, reply)
        case .voided(let outcome):
            state = .ready
            return .finished(outcome)
        case .quitting:
            state = .closed
            return .closed
        case .handshake, .ready, .transaction, .closed:
            throw .outOfStep(phase, reply)
        }
    }

    private func expectSuccess(_ reply: SMTPReply) throws(SMTPError) {
        if reply.isRefusal { throw .refused(phase, reply) }
        guard reply.isSuccess else { throw .outOfStep(phase, reply) }
    }

    private mutating func afterHello() throws(SMTPError) -> SMTPAction {
        if settings.startsTLS, !isEncrypted {
            guard capabilities.offersStartTLS else { throw .startTLSUnavailable(nil) }
            state = .startTLS
            return .send(SMTPCommand.startTLS.bytes)
        }
        // A relay that takes mail by the client's address has no AUTH; without TLS nothing is lost by not insisting.
        // LMTP is for whoever reaches it, and hardly a server of it has AUTH.
        let takesAnybody =
            (settings.isLocal || settings.allowsClearText && !isEncrypted) && !capabilities.offers("AUTH")
        guard let credentials = settings.credentials, !takesAnybody else {
            state = .ready
            return .ready
        }
        do throws(SASLError) {
            return try beginAuthentication(credentials)
        } catch {
            throw .authenticationImpossible(error)
        }
    }

    private mutating func beginAuthentication(_ credentials: SASLCredentials) throws(SASLError) -> SMTPAction {
        let mechanism = try SASLSelection.mechanism(
            offered: capabilities.authenticationMechanisms, credentials: credentials, channel: channel,
            stage: stage)
        var exchange = try SASLExchange(mechanism, sendsInitialResponse: true)
        var command = SMTPCommand.authenticate(name: exchange.name, initial: exchange.initialLine).bytes
        if command.count > SMTPLimits.authenticationLine {
            exchange = try SASLExchange(mechanism, sendsInitialResponse: false)
            command = SMTPCommand.authenticate(name: exchange.name, initial: nil).bytes
        }
        state = .authentication(exchange)
        return .send(command)
    }

    private mutating func refused(_ exchange: SASLExchange, _ reply: SMTPReply) throws(SMTPError) -> SMTPAction {
        if let credentials = settings.credentials, let next = stage.next(after: exchange, on: channel) {
            stage = next
            do throws(SASLError) {
                let action = try beginAuthentication(credentials)
                refusal = nil
                return action
            } catch {}
        }
        throw .authenticationFailed(reply)
    }

    private mutating func authenticate(_ exchange: SASLExchange, _ reply: SMTPReply) throws(SMTPError) -> SMTPAction {
        var exchange = exchange
        switch reply.category {
        case .transientFailure: throw .authenticationUnavailable(reply)
        case .permanentFailure: return try refused(exchange, reply)
        case .success:
            do { try exchange.succeed() } catch { throw .authenticationImpossible(error) }
            isAuthenticated = true
            refusal = nil
            state = .ready
            return .ready
        case .intermediate:
            do {
                let response = try exchange.respond(toLine: Array(reply.text.utf8))
                refusal = exchange.refusal
                state = .authentication(exchange)
                return .send(response + [0x0D, 0x0A])
            } catch {
                state = .cancelledAuthentication(exchange, error)
                return .send(SASLExchange.cancellation + [0x0D, 0x0A])
            }
        }
    }
}
