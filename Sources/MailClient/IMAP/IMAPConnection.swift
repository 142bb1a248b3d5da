package import IMAP
import Model
package import Transport
import Wire

/// One authenticated connection to an IMAP server: an `IMAPSession` with a socket.
///
/// A task of its own reads as long as the connection lives, so that a BYE is heard when it is said. Commands may come from
/// several tasks; what the protocol allows is pipelined. A command that passes its deadline ends the connection, as
/// nobody knows any more what the server will answer to what.
package actor IMAPConnection: EventLoopBound {
    package nonisolated let eventLoop: EventLoop
    var session: IMAPSession
    var stream: ByteStream?
    /// Why the connection ended.
    private(set) var death: MailClientError?
    /// What the connection waits for while it is made.
    var phase = "the greeting"
    /// What the server says of itself (RFC 2971).
    package internal(set) var serverID: [String: String] = [:]
    /// The name that was dialled.
    var host = ""
    var deliveries: [FetchDelivery] = []
    /// Whether the server was asked for news of the selected mailbox since somebody last wanted that.
    var isFresh = true
    /// Counts who wanted news: an answer to a question of before is none for him.
    var newsWanted = 0
    let limits: IMAPLimits
    private var waits: [Int: Wait] = [:]
    private var nextWait = 0
    /// Where the server stopped in answers to commands that somebody waits for.
    private var cuts: [Int: UInt32] = [:]
    private var abandoned = 0
    private var isWriting = false
    private var greetingWaiter: CheckedContinuation<Void, Never>?
    private let onEvent: (@Sendable (IMAPSession.Event) -> Void)?
    private var onEnd: (@Sendable () -> Void)?
    /// From COMPRESS on.
    var inflater: Inflater?
    private var deflater: Deflater?
    /// Hears what comes unasked while an `idle` runs.
    var newsWatch: NewsWatch?
    var leavesNextIdle = false

    /// Somebody who waits for a command.
    private struct Wait {
        let flight: CommandInFlight
        let deadline: Deadline
        var timer: Transport.Timer
        let fail: (MailClientError) -> Void
    }

    init(on loop: EventLoop, limits: IMAPLimits, onEvent: (@Sendable (IMAPSession.Event) -> Void)?) {
        eventLoop = loop
        self.limits = limits
        self.onEvent = onEvent
        session = IMAPSession(limits: limits)
    }

    /// Whether the next command may use this connection, as far as is known without asking the server.
    package var isHealthy: Bool { death == nil && session.state != .loggedOut && stream?.isClosed == false }

    /// Healthy, and nothing of an earlier user is under way.
    package var isReusable: Bool { isHealthy && abandoned == 0 && session.isQuiet }

    /// Commands that are on the wire, or were: while it does not change, the server heard nothing new.
    package var sentCommands: Int { session.sentCount }
    package var capabilities: CapabilitySet { session.capabilities }
    package var selected: SelectedMailbox? { session.selected }
    /// What the server switched on at our ENABLE.
    package var enabled: Set<Capability> { session.enabled }
    /// What the server is known to do otherwise than the standards say.
    package var habits: ServerHabits { ServerHabits(host: host, identification: serverID) }
    package var isCompressed: Bool { inflater != nil }
    package var tls: TLSSessionInfo? { stream?.tls }

    /// Sends a command and waits for its result.
    @discardableResult
    package func execute<Command: IMAPCommand>(
        _ command: Command, deadline: Deadline
    ) async throws(MailClientError) -> Command.Result {
        do throws(IMAPFault) {
            return try await perform(command, deadline: deadline)
        } catch {
            throw error.clientError
        }
    }

    /// Says goodbye and closes; the server's answer is waited for, but means nothing.
    package func logout(deadline: Deadline) async {
        if isHealthy {
            do throws(IMAPFault) {
                try await perform(LogoutCommand(), deadline: deadline.earlier(of: .after(.seconds(5))))
            } catch {}
        }
        close()
    }

    /// Ends the connection at once.
    package func close() { terminate(.disconnected(.imap, text: nil)) }

    /// Calls `body` once, when the connection ends; at once where it has.
    func whenEnded(_ body: @escaping @Sendable () -> Void) {
        if death == nil { onEnd = body } else { body() }
    }

    /// As `execute`, with the protocol's own error.
    ///
    /// What the server cut short is continued until it is whole.
    func perform<Command: IMAPCommand>(
        _ command: Command, deadline: Deadline, delivery: FetchDelivery? = nil,
        intercept: ((UntaggedResponse) -> Bool)? = nil
    ) async throws(IMAPFault) -> Command.Result {
        var (result, cut) = try await performOnce(command, deadline, delivery, intercept)
        while let uid = cut, let next = command.continued(at: uid) {
            let more = try await performOnce(next, deadline, delivery, intercept)
            guard more.cut.map({ $0 < uid }) ?? true else {
                throw .client(.protocolViolation(.imap, detail: "MESSAGELIMIT \(uid) twice"))
            }
            Command.merge(more.result, into: &result)
            cut = more.cut
        }
        return result
    }

    private func performOnce<Command: IMAPCommand>(
        _ command: Command, _ deadline: Deadline, _ delivery: FetchDelivery?,
        _ intercept: ((UntaggedResponse) -> Bool)?
    ) async throws(IMAPFault) -> (result: Command.Result, cut: UInt32?) {
        if let death { throw .client(death) }
        let number = nextWait
        nextWait += 1
        delivery?.wait = number
        let outcome: Result<Command.Result, IMAPFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let flight = Flight(command, intercept: intercept, onCut: { self.cuts[number] = $0 }) { result in
                    self.finish(number)?.resume(result, continuation, self.death)
                }
                start(flight, number, deadline) { error in continuation.resume(returning: .failure(.client(error))) }
            }
        } onCancel: {
            eventLoop.schedule(at: .now) { self.assumeIsolated { $0.cancelled(number) } }
        }
        let cut = cuts.removeValue(forKey: number)
        return (try outcome.get(), cut)
    }

    private func start(
        _ flight: CommandInFlight, _ number: Int, _ deadline: Deadline, _ fail: @escaping (MailClientError) -> Void
    ) {
        waits[number] = Wait(flight: flight, deadline: deadline, timer: timer(number, deadline), fail: fail)
        if Task.isCancelled { return cancelled(number) }
        session.submit(flight)
        startWriting()
    }

    private func timer(_ number: Int, _ deadline: Deadline) -> Transport.Timer {
        eventLoop.schedule(at: deadline) { [weak self] in self?.assumeIsolated { $0.expired(number) } }
    }

    func pauseDeadline(of delivery: FetchDelivery) {
        guard let number = delivery.wait else { return }
        waits[number]?.timer.cancel()
    }

    func resumeDeadline(of delivery: FetchDelivery) {
        guard let number = delivery.wait, let wait = waits[number] else { return }
        waits[number]?.timer = timer(number, max(wait.deadline, .after(Limits.readPatience)))
    }

    /// Takes the wait out, so that it is answered once.
    private func finish(_ number: Int) -> Answer? {
        guard let wait = waits.removeValue(forKey: number) else {
            abandoned = max(0, abandoned - 1)
            return nil
        }
        wait.timer.cancel()
        return Answer()
    }

    private func expired(_ number: Int) {
        guard let wait = waits[number] else { return }
        let error = MailClientError.timedOut(.imap, phase: "the answer to \(wait.flight.name)")
        if session.withdraw(wait.flight) {
            waits[number] = nil
            wait.fail(error)
        } else {
            // Only who waited too long hears of that; to others who use the connection it has ended.
            waits[number] = nil
            wait.fail(error)
            terminate(waits.isEmpty ? error : .disconnected(.imap, text: nil))
        }
    }

    /// The one who waited left: what was not sent is taken back, what was sent is abandoned.
    private func cancelled(_ number: Int) {
        guard let wait = waits.removeValue(forKey: number) else { return }
        wait.timer.cancel()
        if wait.flight.isSent { abandoned += 1 } else { _ = session.withdraw(wait.flight) }
        if wait.flight.effect == .idles { endIdle() }
        wait.fail(.cancelled)
    }

    /// Ends the connection; everybody who waits hears why.
    func terminate(_ error: MailClientError) {
        guard death == nil else { return }
        death = error
        stream?.close()
        session.fail(.closed)
        greetingWaiter?.resume()
        greetingWaiter = nil
        onEnd?()
        onEnd = nil
    }

    func waitForGreeting() async {
        guard death == nil, session.state == .greeting else { return }
        await withCheckedContinuation { greetingWaiter = $0 }
    }

    /// Does what an event of the session asks for.
    func handle(_ event: IMAPSession.Event) {
        switch event {
        case .greeting:
            greetingWaiter?.resume()
            greetingWaiter = nil
        case .bye(let text):
            if session.state == .loggedOut { terminate(MailClientError(IMAPError.bye(text))) }
        case .unsolicited(let response): hear(response)
        case .none, .alert, .completed: break
        }
        if event != .none { onEvent?(event) }
        startWriting()
    }

    /// Ends a running IDLE; its OK ends the wait for it.
    func endIdle() {
        session.endIdle()
        startWriting()
    }

    /// From here on both directions are compressed.
    func beginCompression() throws(DeflateError) {
        inflater = try Inflater()
        deflater = try Deflater()
    }

    /// Writes what the session has to say, in a task of its own: a caller who is cancelled must not cut a command in half,
    /// and the reader must not stop reading while the server does not.
    func startWriting() {
        guard !isWriting, session.hasOutput else { return }
        isWriting = true
        Task(name: "imap writer", executorPreference: eventLoop) { await self.write() }
    }

    private func write() async {
        defer { isWriting = false }
        guard let stream else { return }
        while session.hasOutput {
            if let source = session.takeSource() {
                await pour(source, into: stream)
            } else {
                await write(session.takeOutput(), to: stream)
            }
        }
    }

    /// Writes a literal as it is read; one that is not complete cannot be taken back, so that the connection ends.
    private func pour(_ source: LiteralSource, into stream: ByteStream) async {
        var left = source.size
        do {
            while left > 0, death == nil, let octets = try await source.next() {
                guard octets.count <= left else { break }
                left -= octets.count
                await write(octets, to: stream)
            }
        } catch {
            return terminate(.cancelled)
        }
        if left > 0 { terminate(.cancelled) }
    }

    private func write(_ octets: [UInt8], to stream: ByteStream) async {
        var output = octets
        if let deflater {
            do throws(DeflateError) {
                output = try deflater.deflate(output)
            } catch {
                return terminate(.limitExceeded(.imap, limit: "memory"))
            }
        }
        for start in stride(from: 0, to: output.count, by: Limits.writeChunk) {
            let chunk = output[start..<min(start + Limits.writeChunk, output.count)]
            do throws(TransportError) {
                try await stream.write(chunk, deadline: .after(Limits.writePatience))
            } catch {
                return terminate(MailClientError(error, .imap, phase: "sending a command"))
            }
        }
    }
}

/// Why a command failed: the server's doing, or the connection's.
enum IMAPFault: Error {
    case server(IMAPError)
    case client(MailClientError)

    var clientError: MailClientError {
        switch self {
        case .server(let error): MailClientError(error)
        case .client(let error): error
        }
    }
}

/// The right to answer a wait.
private struct Answer {
    func resume<Value: Sendable>(
        _ result: Result<Value, IMAPError>, _ continuation: CheckedContinuation<Result<Value, IMAPFault>, Never>,
        _ death: MailClientError?
    ) {
        switch result {
        case .success(let value): continuation.resume(returning: .success(value))
        case .failure(.closed):
            continuation.resume(returning: .failure(.client(death ?? .disconnected(.imap, text: nil))))
        case .failure(let error): continuation.resume(returning: .failure(.server(error)))
        }
    }
}
