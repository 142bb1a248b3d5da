/// The client's side of an IMAP session without its socket: responses in, octets and events out (RFC 9051, 3).
///
/// A driver appends what `takeOutput()` gives to its socket and hands every parsed response to `receive`. An error that is
/// thrown ends the session; the driver then calls `fail`, which tells everybody who waits.
package struct IMAPSession {
    /// RFC 9051, section 3.
    package enum State: Sendable, Equatable {
        /// Can become `notAuthenticated`, `authenticated` (PREAUTH), `loggedOut` (BYE).
        case greeting
        /// Can become `authenticated`, `loggedOut`.
        case notAuthenticated
        /// Can become `selected`, `loggedOut`.
        case authenticated
        /// Can become `authenticated` (UNSELECT, CLOSE, a failed SELECT), `selected` (another), `loggedOut`.
        case selected(SelectedMailbox)
        case loggedOut
    }

    /// What a response means to the driver, beyond what the session did itself.
    package enum Event: Sendable, Equatable {
        case none
        case greeting
        /// A response that no running command asked for: EXISTS, EXPUNGE, FETCH of changed flags and so on.
        case unsolicited(UntaggedResponse)
        /// A text that people must see (RFC 9051, 7.1).
        case alert(String)
        /// A command ended; for STARTTLS the driver must now refuse unread octets and negotiate.
        case completed(CommandEffect)
        case bye(ResponseText)
    }

    package private(set) var state = State.greeting
    package private(set) var capabilities = CapabilitySet()
    /// How names are written now; the driver tells the parser.
    package var mailboxEncoding: MailboxName.Encoding {
        let isRev2Only = capabilities.contains(.imap4rev2) && !capabilities.contains(.imap4rev1)
        return hasEnabledUTF8 || isRev2Only ? .utf8 : .modifiedUTF7
    }

    package private(set) var greeting: ResponseText?
    /// Sent and unanswered, in order.
    package private(set) var running: [CommandInFlight] = []
    /// Not sent yet, in order.
    package private(set) var waiting: [CommandInFlight] = []

    private let limits: IMAPLimits
    private var output: [OutputPiece] = []
    /// Commands whose first octet was handed out, which is also the last tag's number.
    package private(set) var sentCount = 0
    private var selecting: SelectedMailbox?
    /// How often the server told unasked of a change in the selected mailbox.
    package private(set) var newsCount = 0
    /// CAPABILITY came since the login or STARTTLS that runs was sent.
    private var hasFreshCapabilities = false
    private var idle = IdlePhase.none
    /// What the server switched on at our ENABLE.
    package private(set) var enabled: Set<Capability> = []
    private var hasEnabledUTF8: Bool { enabled.contains(.utf8Accept) || enabled.contains(.imap4rev2) }

    private enum IdlePhase {
        case none
        case idling
        /// DONE is wanted before the server said `+`.
        case endsAtContinuation
    }

    package init(limits: IMAPLimits = IMAPLimits()) { self.limits = limits }

    package var selected: SelectedMailbox? {
        guard case .selected(let mailbox) = state else { return nil }
        return mailbox
    }

    /// The mailbox whose SELECT is on its way.
    package var selectingName: MailboxName? { selecting?.name }

    /// Nothing runs and nothing waits.
    package var isQuiet: Bool { running.isEmpty && waiting.isEmpty }

    /// Queues a command; it goes out as soon as the commands that run allow.
    package mutating func submit(_ command: CommandInFlight) {
        guard state != .loggedOut else { return command.complete(.failure(.closed)) }
        guard running.count + waiting.count < limits.commandsInFlight else {
            return command.complete(.failure(.limit(.commandsInFlight)))
        }
        waiting.append(command)
        sendWaiting()
    }

    /// Takes back a command that was not sent; false where it was.
    package mutating func withdraw(_ command: CommandInFlight) -> Bool {
        guard let index = waiting.firstIndex(where: { $0 === command }) else { return false }
        waiting.remove(at: index)
        sendWaiting()
        return true
    }

    package var hasOutput: Bool { !output.isEmpty }

    private enum OutputPiece {
        case octets([UInt8])
        case source(LiteralSource)
    }

    /// The octets to write now; none where those of `takeSource` come first.
    package mutating func takeOutput() -> [UInt8] {
        guard case .octets(let octets)? = output.first else { return [] }
        output.removeFirst()
        return octets
    }

    /// What is to be written now without being held; nil where `takeOutput` comes first.
    package mutating func takeSource() -> LiteralSource? {
        guard case .source(let source)? = output.first else { return nil }
        output.removeFirst()
        return source
    }

    private mutating func write(_ octets: [UInt8]) {
        guard !octets.isEmpty else { return }
        if case .octets(var last)? = output.last {
            output.removeLast()
            last += octets
            output.append(.octets(last))
        } else {
            output.append(.octets(octets))
        }
    }

    private mutating func write(_ segment: CommandSegment, endsCommand: Bool) {
        if let source = segment.source { output.append(.source(source)) }
        write(segment.octets)
        if endsCommand { write(Self.lineEnd) }
    }

    /// Ends a running IDLE.
    package mutating func endIdle() {
        guard running.contains(where: { $0.effect == .idles }) else { return }
        switch idle {
        case .none: idle = .endsAtContinuation
        case .idling: sendDone()
        case .endsAtContinuation: break
        }
    }

    /// Ends the session: everybody who waits hears `error`.
    package mutating func fail(_ error: IMAPError) {
        state = .loggedOut
        let commands = running + waiting
        running = []
        waiting = []
        output = []
        for command in commands { command.complete(.failure(error)) }
    }

    package mutating func receive(_ response: IMAPResponse) throws(IMAPError) -> Event {
        switch response {
        case .untagged(let untagged):
            if state == .greeting { return try receiveGreeting(untagged) }
            return receive(untagged)
        case .tagged(let tag, let condition, let text): return try receive(tag, condition, text)
        case .continuation(let challenge):
            try receiveContinuation(challenge)
            return .none
        }
    }

    private mutating func receiveGreeting(_ response: UntaggedResponse) throws(IMAPError) -> Event {
        guard case .condition(let condition, let text) = response else {
            throw .protocolViolation("the server's first line is no IMAP greeting")
        }
        greeting = text
        if case .capability(let set) = text.code { capabilities = set }
        switch condition {
        case .ok: state = .notAuthenticated
        case .preAuthenticated: state = .authenticated
        case .bye: throw .bye(text)
        case .no, .bad: throw .no(text)
        }
        sendWaiting()
        return .greeting
    }

    private mutating func receive(_ response: UntaggedResponse) -> Event {
        switch response {
        case .condition(.bye, let text):
            // Before LOGOUT's OK it is courtesy; else the server will hang up, and whoever waits gets its reason.
            if !running.contains(where: { $0.effect == .logsOut }) { fail(.bye(text)) }
            return .bye(text)
        case .condition(_, let text):
            if case .capability(let set) = text.code { adopt(set) }
        case .capability(let set): adopt(set)
        case .enabled(let words):
            enabled.formUnion(words)
        default: break
        }
        let concernsMailbox = updateMailbox(response)
        switch response {
        case .exists, .expunge, .vanished(earlier: false, _): newsCount += 1
        default: break
        }
        for command in running where command.collect(response) { return .none }
        if case .fetch = response { newsCount += 1 }
        if case .condition(_, let text) = response {
            if text.code == .alert { return .alert(text.text) }
            if concernsMailbox, selecting != nil { return .none }
        }
        return .unsolicited(response)
    }

    /// Keeps the mailbox that is selected, or being selected, up to date.
    private mutating func updateMailbox(_ response: UntaggedResponse) -> Bool {
        if selecting != nil { return selecting?.absorb(response) ?? false }
        guard case .selected(var mailbox) = state else { return false }
        let concerns = mailbox.absorb(response)
        if concerns { state = .selected(mailbox) }
        return concerns
    }

    private mutating func adopt(_ set: CapabilitySet) {
        capabilities = set
        hasFreshCapabilities = true
    }

    private mutating func receive(
        _ tag: String, _ condition: ResponseCondition, _ text: ResponseText
    ) throws(IMAPError) -> Event {
        guard let index = running.firstIndex(where: { $0.tag == tag }) else {
            if condition == .bad || condition == .no, running.isEmpty { throw .bad(text) }
            throw .protocolViolation("an answer to a command that was not sent")
        }
        let command = running.remove(at: index)
        if case .capability(let set) = text.code { adopt(set) }
        idle = .none
        switch condition {
        case .ok:
            guard command.unsent.isEmpty else {
                command.complete(.failure(.protocolViolation("success before the command was complete")))
                throw .protocolViolation("success before the command was complete")
            }
            do throws(IMAPError) {
                try command.responder?.succeed()
            } catch {
                command.complete(.failure(error))
                throw error
            }
            apply(command.effect, text)
            command.complete(.success(text))
        default:
            if case .selects = command.effect {
                selecting = nil
                state = .authenticated
            }
            command.complete(.failure(condition == .no ? .no(text) : .bad(text)))
        }
        sendWaiting()
        return .completed(condition == .ok ? command.effect : .none)
    }

    private mutating func apply(_ effect: CommandEffect, _ text: ResponseText) {
        switch effect {
        case .none, .idles: break
        case .startTLS: capabilities = CapabilitySet()
        case .authenticates:
            state = .authenticated
            if !hasFreshCapabilities { capabilities = CapabilitySet() }
        case .selects:
            selecting?.absorb(text.code)
            if let selecting { state = .selected(selecting) }
            selecting = nil
        case .deselects: state = .authenticated
        case .logsOut: state = .loggedOut
        case .compresses: break
        case .unauthenticates:
            state = .notAuthenticated
            capabilities = CapabilitySet()
            enabled = []
        }
    }

    private mutating func receiveContinuation(_ challenge: [UInt8]) throws(IMAPError) {
        if let command = running.first(where: { !$0.unsent.isEmpty }) {
            let segment = command.unsent.removeFirst()
            write(segment, endsCommand: command.unsent.isEmpty)
            return sendWaiting()
        }
        guard let command = running.last, command.responder != nil else {
            throw .protocolViolation("a continuation request that nothing waits for")
        }
        guard let line = try command.responder?.respond(to: challenge) else {
            if idle == .endsAtContinuation { sendDone() } else { idle = .idling }
            return
        }
        write(line + Self.lineEnd)
    }

    private mutating func sendDone() {
        write(Array("DONE".utf8) + Self.lineEnd)
        idle = .none
    }

    /// Sends what may be sent, in order: no command overtakes another.
    private mutating func sendWaiting() {
        guard state != .greeting else { return }
        while let command = waiting.first, running.allSatisfy({ $0.unsent.isEmpty }),
            command.rule.maySend(beside: running.map(\.rule))
        {
            waiting.removeFirst()
            do throws(IMAPError) {
                try send(command)
            } catch {
                // Not a byte went out: only this command suffers.
                command.complete(.failure(error))
            }
        }
    }

    private mutating func send(_ command: CommandInFlight) throws(IMAPError) {
        try checkState(for: command)
        var encoder = CommandEncoder(capabilities: capabilities, mailboxEncoding: mailboxEncoding)
        try command.encode(into: &encoder)
        command.responder = try command.makeResponder()
        sentCount += 1
        let tag = "A\(sentCount)"
        command.tag = tag
        command.unsent = encoder.segments[...]
        write(Array(tag.utf8) + [UInt8(ascii: " ")])
        let segment = command.unsent.removeFirst()
        write(segment, endsCommand: command.unsent.isEmpty)
        running.append(command)
        switch command.effect {
        case .selects(let name, let readOnly): selecting = SelectedMailbox(name: name, readOnly: readOnly)
        case .startTLS, .authenticates: hasFreshCapabilities = false
        default: break
        }
    }

    private func checkState(for command: CommandInFlight) throws(IMAPError) {
        switch state {
        case .selected: break
        case .notAuthenticated:
            if case .selects = command.effect { throw .wrongState }
        case .authenticated, .greeting, .loggedOut: break
        }
        if command.rule.needs.contains(.noSelection), command.rule.does.contains(.usesMailbox), selected == nil {
            throw .wrongState
        }
        if case .authenticates = command.effect, state != .notAuthenticated { throw .wrongState }
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
}
