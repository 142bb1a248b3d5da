import MailClient
import Model
import SMTP
import Testing
import Transport
import Wire

/// What the tests of SMTP share: one loop, one account, one message.
enum SMTPFixture {
    static let loops = Result { try EventLoopGroup(loops: 1) }
    static var loop: EventLoop { get throws { try loops.get().loops[0] } }
    static let credentials = Credentials(username: "tim", authentication: .password(Secret("tanstaaftanstaaf")))
    static let content = Array("Subject: dots\r\n\r\n.\r\n..\r\nend".utf8)
    static let wire = Array("Subject: dots\r\n\r\n..\r\n...\r\nend\r\n.\r\n".utf8)

    static func envelope(recipients: Int = 1) throws -> SMTPEnvelope {
        SMTPEnvelope(
            mailFrom: try SMTPPath("tim@example.test"),
            recipients: try (1...recipients).map { try SMTPPath("user\($0)@example.test") })
    }

    static func connect(_ server: SMTPTestServer, within time: Duration = .seconds(20)) async throws -> SMTPConnection {
        try await SMTPConnection.connect(
            to: server.endpoint, credentials: credentials, on: loop, deadline: .after(time))
    }

    /// Comes back when the server has seen so many connections end.
    static func untilEnded(_ count: Int, _ server: SMTPTestServer) async throws {
        while server.seen.ended < count { try await loop.sleep(for: .milliseconds(2)) }
    }
}
