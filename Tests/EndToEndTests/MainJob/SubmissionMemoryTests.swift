import MailServers
import Testing

/// A large message flows from the upload to the store, from there to SMTP and to Sent, and is never held.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SubmissionMemoryTests {
    private func submit(_ raw: [UInt8], _ account: MailAccount, to: MailAccount) async throws -> JSONValue {
        try await account.api.send(
            "POST", "\(account.path)/submissions?rcptTo=\(to.user.email.percentEncoded)",
            headers: [("Content-Type", "message/rfc822")], body: raw
        ).expecting(202)
    }

    @Test func `a message of almost 50 MB grows the program by less than 8 MB until it is sent and filed`() async throws
    {
        let bridge = try await Bridge.start()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let raw = TestMail.large(try TestMail.randomOctets(35 << 20))
        for _ in 0..<3 {
            let small = TestMail.large(try TestMail.randomOctets(400_000))
            let submission = try await submit(small, account, to: to)
            #expect(try await account.settled(submission)["state"] == "sent")
        }
        try await eventually("the first copies are filed") { try await account.stored(in: "Sent").count == 3 }
        let watch = MemoryWatch(bridge.process, from: try bridge.process.residentMemory)
        try await watch.during {
            let submission = try await submit(raw, account, to: to)
            let settled = try await account.settled(submission, within: .seconds(120))
            #expect(settled["state"] == "sent", "\(settled)")
            let id = try #require(submission["id"].string)
            try await eventually("the copy is filed", within: .seconds(120)) {
                try await account.api.get("\(account.path)/submissions/\(id)").expecting(200)["sentCopy"]["state"]
                    == "filed"
            }
        }
        #expect(watch.growth < 8 << 20, "grew the program by \(watch.growth >> 10) KiB")
        let arrived = try await eventually("it arrived", within: .seconds(60)) {
            try await to.stored().filter { $0.count >= raw.count }
        } until: {
            $0.count == 1
        }
        #expect(arrived.first?.suffix(raw.count) == raw[...])
        try await bridge.process.stop()
    }
}
