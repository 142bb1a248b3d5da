import Foundation
import MailClient
import MailServers
import Model
import SMTP
import Testing
import Transport
import Wire

/// A connection to a real Postfix that ends after each octet in turn, of the one side and of the other.
@Suite(.timeLimit(.minutes(5))) struct CutSubmissionTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    /// Cuts that are made at the same time.
    private static let parallel = 12

    private struct Cut: Sendable {
        var octets: Int
        var side: CuttingProxy.Side

        var messageID: String { "\(side)-\(octets)@cut.test" }
    }

    private func content(_ cut: Cut) -> [UInt8] {
        Array("From: a@example.test\r\nMessage-ID: <\(cut.messageID)>\r\n\r\n.\r\nx\r\n".utf8)
    }

    /// Nil where there was no connection to send over.
    private func send(_ cut: Cut, _ host: MailHost, from: MailUser, to: MailUser) async throws -> SubmissionOutcome? {
        let proxy = try CuttingProxy(to: host.postfix.ports.submission, after: cut.octets, of: cut.side)
        defer { proxy.stop() }
        let deadline = Deadline.after(.seconds(60))
        let connection: SMTPConnection
        do {
            connection = try await SMTPConnection.connect(
                to: ServerEndpoint(host: "127.0.0.1", port: proxy.port, security: .none),
                credentials: Credentials(username: from.email, authentication: .password(Secret(from.password))),
                on: try Self.loops.get().next(), deadline: deadline)
        } catch {
            return nil
        }
        let envelope = SMTPEnvelope(mailFrom: try SMTPPath(from.email), recipients: [try SMTPPath(to.email)])
        let outcome = await connection.send(envelope, .bytes(content(cut)), deadline: deadline)
        await connection.close()
        return outcome
    }

    @Test func `whatever octet is the last, what is told is what came`() async throws {
        var options = PostfixServer.Options()
        options.allowsPlaintext = true
        let users = [MailUser("from@example.test"), MailUser("to@example.test")]
        let host = try await MailHost.start(users: users, postfix: options)
        let (from, to) = (users[0], users[1])
        var outcomes: [String: SubmissionOutcome.Disposition] = [:]
        for side in [CuttingProxy.Side.server, .client] {
            var start = 0
            var isComplete = false
            // Until a whole session fits: then there are no more places to cut.
            while !isComplete {
                let cuts = (start..<start + Self.parallel * 4).map { Cut(octets: $0, side: side) }
                start += cuts.count
                let found = try await withThrowingTaskGroup(of: (Cut, SubmissionOutcome?).self) { group in
                    var waiting = cuts[...]
                    for _ in 0..<Self.parallel {
                        if let cut = waiting.popFirst() {
                            group.addTask { (cut, try await send(cut, host, from: from, to: to)) }
                        }
                    }
                    var found: [(Cut, SubmissionOutcome?)] = []
                    while let result = try await group.next() {
                        found.append(result)
                        if let cut = waiting.popFirst() {
                            group.addTask { (cut, try await send(cut, host, from: from, to: to)) }
                        }
                    }
                    return found
                }
                for (cut, outcome) in found { outcomes[cut.messageID] = outcome?.disposition ?? .retryLater }
                isComplete = found.contains { $0.1?.disposition == .delivered }
                try #require(start < 4000, "no session was ever whole")
            }
        }
        #expect(outcomes.values.contains(.retryLater) && outcomes.values.contains(.unknown))
        #expect(!outcomes.values.contains(.permanent))
        let arrived = try await arrivals(host, to, atLeast: outcomes.values.count { $0 == .delivered })
        for (messageID, disposition) in outcomes {
            let count = arrived[messageID, default: 0]
            switch disposition {
            case .delivered: #expect(count == 1, "\(messageID) was accepted and came \(count) times")
            case .retryLater, .permanent: #expect(count == 0, "\(messageID) was not accepted and came")
            case .unknown: #expect(count <= 1, "\(messageID) came \(count) times")
            }
        }
    }

    /// How often each Message-ID arrived, once Postfix has nothing more to deliver.
    private func arrivals(_ host: MailHost, _ user: MailUser, atLeast: Int) async throws -> [String: Int] {
        let deadline = Deadline.after(.seconds(60))
        while true {
            let isEmpty = try await host.postfix.command("postqueue", "-p").contains("queue is empty")
            let messages = try await host.dovecot.storedMessages(user)
            if isEmpty, messages.count >= atLeast {
                var counts: [String: Int] = [:]
                for message in messages {
                    let text = String(decoding: message, as: UTF8.self)
                    guard let start = text.range(of: "Message-ID: <"),
                        let end = text[start.upperBound...].firstIndex(of: ">")
                    else { continue }
                    counts[String(text[start.upperBound..<end]), default: 0] += 1
                }
                return counts
            }
            try #require(!deadline.hasPassed)
            try await Self.loops.get().next().sleep(for: .milliseconds(100))
        }
    }
}
