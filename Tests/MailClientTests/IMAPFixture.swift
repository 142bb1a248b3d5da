import MailClient
import Model
import Transport

/// What the tests of IMAP share.
enum IMAPFixture {
    static let loops = Result { try EventLoopGroup(loops: 1) }
    static var loop: EventLoop { get throws { try loops.get().loops[0] } }
    static var soon: Deadline { .after(.seconds(20)) }

    static func connect(
        _ server: IMAPTestServer, _ security: ConnectionSecurity = .none, within time: Duration = .seconds(20)
    ) async throws -> IMAPConnection {
        try await IMAPConnection.connect(to: server.login(security), on: loop, deadline: .after(time))
    }

    /// Comes back when this is so.
    static func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await loop.sleep(for: .milliseconds(2)) }
    }

    /// The error of a body that must fail.
    static func error(_ body: () async throws -> Void) async -> MailClientError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? MailClientError
        }
    }
}

/// Collects octets.
actor Basket {
    private(set) var octets: [UInt8] = []
    func put(_ chunk: [UInt8]) { octets += chunk }
}

struct Refused: Error, Equatable {}
