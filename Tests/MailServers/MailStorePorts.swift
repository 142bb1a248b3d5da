/// Ports on 127.0.0.1 of a server that keeps mail.
package struct MailStorePorts: Sendable {
    package let imap, imaps, pop3, pop3s, lmtp: UInt16

    /// Starts a server on free ports, on others where somebody was quicker.
    static func starting<Server: Sendable>(
        _ start: @escaping @Sendable (MailStorePorts) throws -> Server
    ) async throws -> Server {
        try await onThread {
            try LoopbackPort.retrying(5) {
                try start(MailStorePorts(imap: $0[0], imaps: $0[1], pop3: $0[2], pop3s: $0[3], lmtp: $0[4]))
            }
        }
    }
}

extension TemporaryFolder {
    /// Fills the folder of a daemon, whose supervisor will remove it; where that fails there will be none.
    func fill(_ body: (TemporaryFolder) throws -> Void) throws {
        do {
            try body(self)
        } catch {
            remove()
            throw error
        }
    }
}
