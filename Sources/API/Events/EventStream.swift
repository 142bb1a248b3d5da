import HTTPServer
import Logging
import Model

/// How patient a stream is.
package struct EventStreamPace: Sendable {
    /// Between two signs of life.
    package var heartbeat = Duration.seconds(15)
    /// In which the client must take each piece.
    package var patience = Duration.seconds(10)
    /// How old the knowledge may be that the token is still good.
    package var tokenAge = Duration.seconds(1)

    package init() {}
}

/// One client that follows the event log.
///
/// It holds one page of the log and no more: what the client has not read yet stays in the log. Whoever reads too slowly is told so
/// and dropped, and goes on from `Last-Event-ID` when he likes.
struct EventStream: Sendable {
    let events: any EventVerbs
    let principal: Principal
    let filter: EventFilter
    /// The place that the client has seen.
    let position: Int64
    let pace: EventStreamPace
    let requestID: String
    let logger: Logger

    /// Why a stream ends by itself.
    private enum End: Error {
        case problem(Problem)
        case closing
    }

    /// Writes until the client goes, its token ends, or the program stops.
    func write(to writer: ResponseWriter) async throws {
        do {
            try await follow(writer)
        } catch End.closing {
            return
        } catch End.problem(let problem) {
            try await writer.write(EventStreamText.problem(problem.document(requestID: requestID)))
        }
    }

    private func follow(_ writer: ResponseWriter) async throws {
        var position = position
        try await send(EventStreamText.opening(at: position), writer)
        var heartbeat = ContinuousClock.now + pace.heartbeat
        var checked = ContinuousClock.now - pace.tokenAge
        var limit = Limits.firstStreamPage
        while true {
            let rings = events.rings
            if events.isClosing { throw End.closing }
            if checked + pace.tokenAge <= .now {
                try await checkToken()
                checked = .now
            }
            let page = try await nextPage(after: position, limit)
            // Few large events or many small ones: a page is to cost about the same.
            let octets = page.events.reduce(0) { $0 + $1.data.count }
            limit = octets > Limits.streamPageOctets ? max(1, limit / 2) : min(Limits.streamPage, limit * 2)
            try await send(page.events, writer)
            if !page.events.isEmpty { heartbeat = .now + pace.heartbeat }
            position = page.next
            guard page.isLast else { continue }
            // A ring without an event may mean that a token was revoked.
            if page.events.isEmpty { checked = .now - pace.tokenAge }
            await events.wait(after: rings, until: heartbeat)
            try Task.checkCancellation()
            if heartbeat <= .now {
                try await send(EventStreamText.heartbeat(at: position), writer)
                heartbeat = .now + pace.heartbeat
            }
        }
    }

    private func checkToken() async throws {
        let isActive: Bool
        do {
            isActive = try await events.isActive(principal)
        } catch {
            throw unreadable(error)
        }
        if !isActive { throw End.problem(Access.invalidToken) }
    }

    private func nextPage(after position: Int64, _ limit: Int) async throws -> EventPage {
        do {
            return try await events.page(after: position, filter: filter, limit: limit)
        } catch let error as EventLogError {
            throw End.problem(Problem(error))
        } catch {
            throw unreadable(error)
        }
    }

    /// The status is sent long ago; the client hears that it may come again.
    private func unreadable(_ error: any Error) -> any Error {
        if error is CancellationError { return error }
        logger.error("event stream broke off", metadata: ["request": "\(requestID)", "error": "\(error)"])
        return End.problem(Problem(.serviceUnavailable, "The event log cannot be read now."))
    }

    private func send(_ events: [Event], _ writer: ResponseWriter) async throws {
        var text: [UInt8] = []
        for event in events {
            EventStreamText.append(event, to: &text)
            if text.count >= Limits.streamPiece {
                try await send(text, writer)
                text.removeAll(keepingCapacity: true)
            }
        }
        try await send(text, writer)
    }

    private func send(_ text: [UInt8], _ writer: ResponseWriter) async throws {
        var rest = text[...]
        var isTooSlow = false
        while !rest.isEmpty {
            let start = ContinuousClock.now
            let piece = rest.prefix(Limits.streamPiece)
            try await writer.write(Array(piece))
            rest = rest.dropFirst(piece.count)
            isTooSlow = isTooSlow || start + pace.patience < .now
        }
        // Between two blocks only: in the middle of one, the end would not be understood. Who reads nothing at all
        // never comes here: the server's own time for a write is over, and it closes the connection.
        if isTooSlow { throw End.problem(Problem(.streamTooSlow, "The events were not read in time.")) }
    }
}
