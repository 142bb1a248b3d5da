internal import Glibc
internal import Synchronization
package import Wire

/// A TCP connection, plain or under TLS, in the hands of one task or actor on its event loop.
///
/// It is not `Sendable`: it stays in the isolation that made it. A read and a write may wait at the same time, from two
/// tasks of one actor; two reads, or two writes, may not. Every wait ends at its deadline, by cancellation of its task,
/// by `close()`, or when the loop stops, whichever comes first, exactly once.
package final class ByteStream {
    package let eventLoop: EventLoop
    package let peer: SocketAddress
    /// Bytes that `fill` received and nobody consumed yet.
    ///
    /// An actor uses it in place, where a property of its own could not be lent to a suspending call.
    package var input = InputBuffer()
    /// The peer ended its side without saying so in TLS (RFC 8446, 6.1): what was read may have been cut off.
    package private(set) var isTruncated = false
    let registration: Registration
    var session: TLSSession?
    var budget = TurnBudget()
    /// There was nothing left to read at that moment; until something happens a call would only say so again.
    var drained: Ticket?

    init(_ registration: Registration, peer: SocketAddress) {
        self.registration = registration
        self.peer = peer
        eventLoop = registration.loop
    }

    deinit { close() }

    /// Our end of the connection.
    package var local: SocketAddress? { isClosed ? nil : Socket.localAddress(registration.descriptor) }

    package var isClosed: Bool { registration.isClosed }

    /// Ends the connection in both directions and wakes whoever waits on it with `closed`.
    ///
    /// Later calls do nothing.
    ///
    /// Under TLS the peer is told if that needs no waiting. What was written and not yet sent still goes out.
    package func close() {
        guard !registration.isDescriptorClosed else { return }
        session?.sayGoodbye()
        registration.close()
    }

    /// Appends what arrived to `buffer`, waiting for it where nothing has; 0 is the end of the stream.
    ///
    /// An empty buffer gives up its memory before the wait.
    package nonisolated(nonsending) func read(
        into buffer: inout InputBuffer, deadline: Deadline = .never
    ) async throws(TransportError) -> Int {
        while true {
            switch receive(into: &buffer) {
            case .done(let count): return count
            case .failed(let error): throw error
            case .spent: try await letOthersRun(deadline, .read)
            case .blocked(let interest, let ticket):
                buffer.releaseIfEmpty()
                try await registration.wait(.reader, for: interest, since: ticket, until: deadline, .read)
            }
        }
    }

    /// Appends what arrived to `input`, waiting for it where nothing has; 0 is the end of the stream.
    package nonisolated(nonsending) func fill(deadline: Deadline = .never) async throws(TransportError) -> Int {
        while true {
            switch receive(into: &input) {
            case .done(let count): return count
            case .failed(let error): throw error
            case .spent: try await letOthersRun(deadline, .read)
            case .blocked(let interest, let ticket):
                input.releaseIfEmpty()
                try await registration.wait(.reader, for: interest, since: ticket, until: deadline, .read)
            }
        }
    }

    /// Ends the stream's share of this turn; the deadline counts here as in a wait.
    nonisolated(nonsending) func letOthersRun(
        _ deadline: Deadline, _ phase: TransportError.Phase
    ) async throws(TransportError) {
        await eventLoop.yield()
        if eventLoop.isOver(deadline) { throw .deadlineExceeded(phase) }
        if Task.isCancelled { throw .cancelled }
    }

    /// Whether a read would not wait: bytes are there, or the end, or an error.
    ///
    /// For a pooled connection that should be silent, true means that it must not be used. Bytes that are found stay in
    /// `input`.
    package func hasInputOrEnd() -> Bool {
        if !input.isEmpty { return true }
        drained = nil
        switch receive(into: &input) {
        case .done, .failed: return true
        case .spent, .blocked: return false
        }
    }

    /// What one try of a call came to.
    enum Attempt {
        case done(Int)
        case blocked(Interest, Ticket)
        /// The stream used up its share of this turn of the loop.
        case spent
        case failed(TransportError)
    }

    private func receive(into buffer: inout InputBuffer) -> Attempt {
        let ticket = registration.ticket
        if let drained, drained.isCurrent(.readable, ticket), !ticket.isHungUp { return .blocked(.readable, ticket) }
        if registration.isDescriptorClosed { return .failed(.closed) }
        guard budget.take(at: eventLoop) else { return .spent }
        return unsafe eventLoop.scratch.lend { scratch in
            let attempt: Attempt
            if let session {
                attempt = unsafe receive(from: session, ticket, scratch)
            } else {
                attempt = unsafe receivePlain(ticket, scratch)
            }
            if case .done(let count) = attempt, count > 0 {
                unsafe buffer.append(copying: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                budget.moved(count)
            }
            return attempt
        }
    }

    private func receivePlain(_ ticket: Ticket, _ bytes: UnsafeMutableRawBufferPointer) -> Attempt {
        let attempt = Socket.attempt {
            unsafe recv(registration.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        }
        switch attempt {
        case .done(let count):
            // Fewer octets than asked for: that was all, the next read need not ask before it waits.
            if count < bytes.count { drained = ticket }
            return .done(count)
        case .wouldBlock:
            drained = ticket
            return .blocked(.readable, ticket)
        case .failed(let code):
            return .failed(.from(errno: code, .read))
        }
    }

    /// Takes records until the buffer has no room for another, so that OpenSSL keeps nothing back while we sleep.
    private func receive(
        from session: TLSSession, _ ticket: Ticket, _ bytes: UnsafeMutableRawBufferPointer
    ) -> Attempt {
        var total = 0
        while total < bytes.count {
            let step = unsafe session.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[total...]))
            if case .done(let count) = step {
                total += count
                continue
            }
            if case .wantRead = step { drained = ticket }
            if total > 0 { break }
            switch step {
            case .done, .wantRead: return .blocked(.readable, ticket)
            case .wantWrite: return .blocked(.writable, ticket)
            case .endOfStream(let isTruncated):
                self.isTruncated = isTruncated
                return .done(0)
            case .failed(let error): return .failed(error)
            }
        }
        return .done(total)
    }
}
