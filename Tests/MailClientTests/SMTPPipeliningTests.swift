import MailClient
import SMTP
import Testing
import Transport

/// Messages one behind the other on one connection, as the wire shows it.
@Suite(.timeLimit(.minutes(1))) struct SMTPPipeliningTests {
    @Test func `begins the next message before the first is answered`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .pipelined)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let envelope = try SMTPFixture.envelope()
        let first = await connection.send(
            envelope, .bytes(SMTPFixture.content), following: { envelope }, deadline: .after(.seconds(10)))
        #expect(first.finalReply?.text == "Ok: one")
        #expect(await !connection.isReusable)
        #expect(await connection.isUsable)
        let second = await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(10)))
        #expect(second.finalReply?.text == "Ok: two")
        #expect(await connection.isReusable)
        await connection.quit(deadline: .after(.seconds(10)))
    }
}

extension [SMTPTestServer.Step] {
    /// Two messages, the second of which is begun before the first is answered.
    fileprivate static var pipelined: [SMTPTestServer.Step] {
        login + [
            .hear(3), .say(accepted), .hearOctets(SMTPFixture.wire.count), .hear(3),
            .say("250 2.0.0 Ok: one\r\n" + accepted), .hearContent, .say("250 2.0.0 Ok: two\r\n"),
        ] + farewell
    }
}
