internal import Glibc
internal import Synchronization

extension ByteStream {
    /// Hands all of `bytes` to the kernel, waiting while the peer is slower than we are.
    package nonisolated(nonsending) func write(
        _ bytes: [UInt8], deadline: Deadline = .never
    ) async throws(TransportError) {
        try await write(bytes[...], deadline: deadline)
    }

    /// Hands all of `bytes` to the kernel, waiting while the peer is slower than we are.
    package nonisolated(nonsending) func write(
        _ bytes: ArraySlice<UInt8>, deadline: Deadline = .never
    ) async throws(TransportError) {
        var rest = bytes
        while !rest.isEmpty {
            let attempt = unsafe rest.withUnsafeBytes { unsafe send($0) }
            rest = rest.dropFirst(try await progress(attempt, deadline))
        }
    }

    /// Writes the pieces as if they were one, without copying large ones together: a head and a body in one system call,
    /// and in one TLS record where they fit.
    package nonisolated(nonsending) func write(
        _ pieces: [[UInt8]], deadline: Deadline = .never
    ) async throws(TransportError) {
        var rest = Pieces(pieces)
        while !rest.isAtEnd {
            let attempt = session == nil ? sendVectored(rest) : sendGathered(rest)
            rest.advance(by: try await progress(attempt, deadline))
        }
    }

    /// Tells the peer that nothing more comes (TLS close_notify and TCP FIN).
    ///
    /// Reading goes on.
    package nonisolated(nonsending) func finishWriting(deadline: Deadline = .never) async throws(TransportError) {
        while let session, !registration.isDescriptorClosed {
            let ticket = registration.ticket
            switch session.shutdown() {
            case .wantWrite:
                try await registration.wait(.writer, for: .writable, since: ticket, until: deadline, .write)
            case .wantRead: try await registration.wait(.writer, for: .readable, since: ticket, until: deadline, .write)
            case .failed(let error): throw error
            case .done, .endOfStream: return try halfClose()
            }
        }
        try halfClose()
    }

    private func halfClose() throws(TransportError) {
        guard !registration.isDescriptorClosed else { throw .closed }
        guard Glibc.shutdown(registration.descriptor, Int32(SHUT_WR)) == 0 || errno == ENOTCONN else {
            throw .from(errno: errno, .write)
        }
    }

    /// Octets that went out, after waiting where none did.
    private nonisolated(nonsending) func progress(
        _ attempt: Attempt, _ deadline: Deadline
    ) async throws(TransportError) -> Int {
        switch attempt {
        case .done(let count): return count
        case .failed(let error): throw error
        case .spent: try await letOthersRun(deadline, .write)
        case .blocked(let interest, let ticket):
            try await registration.wait(.writer, for: interest, since: ticket, until: deadline, .write)
        }
        return 0
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Attempt {
        trySending { session in
            if let session { return unsafe session.write(bytes) }
            return Socket.attempt {
                unsafe Glibc.send(registration.descriptor, bytes.baseAddress, bytes.count, Self.sendFlags)
            }.asStep
        }
    }

    private func sendVectored(_ pieces: Pieces) -> Attempt {
        trySending { _ in
            unsafe pieces.withVectors { vectors in
                var message = unsafe msghdr()
                unsafe message.msg_iov = vectors.baseAddress
                unsafe message.msg_iovlen = vectors.count
                return Socket.attempt { unsafe sendmsg(registration.descriptor, &message, Self.sendFlags) }.asStep
            }
        }
    }

    /// Under TLS each call makes a record, so small pieces are copied together.
    ///
    /// A retry gathers the same octets again, as OpenSSL demands.
    private func sendGathered(_ pieces: Pieces) -> Attempt {
        trySending { session in
            guard let session else { return .failed(.closed) }
            return unsafe eventLoop.scratch.lend { scratch in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch[..<Limits.tlsRecordSize])
                let count = unsafe pieces.copy(to: room)
                return unsafe session.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
            }
        }
    }

    private func trySending(_ call: (TLSSession?) -> TLSSession.Step) -> Attempt {
        let ticket = registration.ticket
        guard !registration.isDescriptorClosed else { return .failed(.closed) }
        guard budget.take(at: eventLoop) else { return .spent }
        switch call(session) {
        case .done(let count):
            budget.moved(count)
            return .done(count)
        case .wantWrite: return .blocked(.writable, ticket)
        case .wantRead: return .blocked(.readable, ticket)
        case .endOfStream: return .failed(.disconnected(.write, errno: EPIPE))
        case .failed(let error): return .failed(error)
        }
    }

    private static var sendFlags: Int32 { Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT) }
}

extension Socket.Attempt {
    fileprivate var asStep: TLSSession.Step {
        switch self {
        case .done(let count): .done(count)
        case .wouldBlock: .wantWrite
        case .failed(let code): .failed(.from(errno: code, .write))
        }
    }
}
