package import SMTP
package import Transport
import Wire

extension SMTPConnection {
    /// Octets of content handed to the encoder at a time.
    private static let pieceOctets = 65_536

    /// Tells the envelope of the message that comes next, where there is one.
    package typealias Following = @Sendable () -> SMTPEnvelope?

    /// Sends one message and never throws: refusals, time-outs and a lost connection are all in the outcome.
    ///
    /// Recipients above what the server takes at once are left for another transaction: `SubmissionOutcome.untried`.
    /// `following` is asked when the end of the message is out. What it gives is begun while the answer is awaited, and
    /// must be what `send` is called with next.
    package func send(
        _ envelope: SMTPEnvelope, _ content: SMTPContent, following: Following? = nil, deadline: Deadline
    ) async -> SubmissionOutcome {
        let (first, later) = envelope.split(for: capabilities)
        let outcome = await sendAll(first, content, following, deadline)
        return later.isEmpty ? outcome : outcome.leaving(later)
    }

    private func sendAll(
        _ envelope: SMTPEnvelope, _ content: SMTPContent, _ following: Following?, _ deadline: Deadline
    ) async -> SubmissionOutcome {
        let hasBegun = session.hasBegunNext && begun == envelope
        guard session.canContinue || hasBegun else {
            if session.hasBegunNext { close() }
            return SubmissionOutcome(
                before: envelope, reason: .interrupted(.notConnected), disposition: .retryLater)
        }
        do throws(SMTPRefusal) {
            let beginning = hasBegun ? .wait : try session.begin(envelope)
            begun = nil
            messageCount += 1
            let outcome = await converse(beginning, envelope, content, following, deadline)
            if !session.canContinue, !session.hasBegunNext { close() }
            return outcome
        } catch {
            return SubmissionOutcome(before: envelope, reason: .notOffered(error), disposition: .permanent)
        }
    }

    /// Does what the session says until the message is done with.
    private func converse(
        _ beginning: SMTPAction, _ envelope: SMTPEnvelope, _ content: SMTPContent, _ following: Following?,
        _ deadline: Deadline
    ) async -> SubmissionOutcome {
        var action = beginning
        do throws(Fault) {
            while true {
                switch action {
                case .send(let bytes): try await write(bytes, limit(deadline))
                case .sendContent:
                    if let outcome = try await transmit(content, deadline) { return outcome }
                    await beginNext(following, deadline)
                case .finished(let outcome): return outcome
                case .wait, .ready, .startTLS, .closed: break
                }
                action = try await nextAction(deadline)
            }
        } catch {
            return session.interrupt(Self.interruption(error))
                ?? SubmissionOutcome(
                    before: envelope, reason: .interrupted(Self.interruption(error)), disposition: .unknown)
        }
    }

    /// Writes the message and its final dot; an outcome where it could not be brought to its end.
    private func transmit(_ content: SMTPContent, _ deadline: Deadline) async throws(Fault) -> SubmissionOutcome? {
        do throws(Fault) {
            var wire: [UInt8] = []
            switch content {
            case .bytes(let bytes):
                for start in stride(from: 0, to: bytes.count, by: Self.pieceOctets) {
                    if let outcome = try await flush(&wire, deadline) { return outcome }
                    session.encode(bytes[start..<min(bytes.count, start + Self.pieceOctets)], into: &wire)
                }
            case .chunks(let next):
                while let chunk = try await piece(next) {
                    session.encode(chunk[...], into: &wire)
                    if wire.count >= Self.pieceOctets, let outcome = try await flush(&wire, deadline) {
                        return outcome
                    }
                }
            }
            wire += session.endContent()
            return try await flush(&wire, deadline)
        } catch {
            // A write fails only where octets are left that the kernel did not take, the last of them being the dot's.
            session.dotWithheld()
            if case .content = error { return session.interrupt(.contentFailed) }
            return try await refusalAfter(error)
        }
    }

    private func piece(_ next: @Sendable () async throws -> [UInt8]?) async throws(Fault) -> [UInt8]? {
        do {
            return try await next()
        } catch {
            throw .content
        }
    }

    /// Writes what is gathered, and reads the replies that are due before more may go out.
    private func flush(_ wire: inout [UInt8], _ deadline: Deadline) async throws(Fault) -> SubmissionOutcome? {
        guard !wire.isEmpty else { return nil }
        try await write(wire, limit(deadline))
        wire.removeAll(keepingCapacity: true)
        while session.mustWait {
            if case .finished(let outcome) = try await nextAction(deadline) { return outcome }
        }
        return nil
    }

    /// In a write of its own: one that fails must not leave open whether the end before it went out.
    ///
    /// Nor does it matter here: the answer to the end may be there already.
    private func beginNext(_ following: Following?, _ deadline: Deadline) async {
        guard let following, messageCount < capabilities.maximumTransactions ?? .max, session.phase == .acceptance,
            let envelope = following(), envelope.split(for: capabilities).later.isEmpty,
            let group = session.beginNext(envelope)
        else { return }
        begun = envelope
        try? await write(group, limit(deadline))
    }

    /// Looks for a refusal the server gave in the midst of the message, before it stopped listening (552, 421).
    private func refusalAfter(_ fault: Fault) async throws(Fault) -> SubmissionOutcome? {
        guard case .transport(let error) = fault, error != .cancelled else { throw fault }
        do throws(Fault) {
            if case .finished(let outcome) = try await nextAction(.after(.milliseconds(500))) { return outcome }
        } catch {}
        throw fault
    }

    /// The deadline, or earlier the end of the patience that RFC 5321 asks for in this phase.
    private func limit(_ deadline: Deadline) -> Deadline {
        deadline.earlier(of: .after(.seconds(session.phase.patience)))
    }

    private static func interruption(_ fault: Fault) -> SubmissionOutcome.Interruption {
        switch fault {
        case .transport(.cancelled): .cancelled
        case .transport(.deadlineExceeded): .timedOut
        case .transport, .endOfStream, .handshake: .connectionLost
        case .content: .contentFailed
        case .session(.serviceClosing(let reply)): .serviceClosing(reply)
        case .session(let error): .protocolViolation(error)
        }
    }
}
