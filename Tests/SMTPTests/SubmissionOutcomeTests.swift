import SMTP
import Testing
import Wire

@Suite struct SubmissionOutcomeTests {
    private static let ready = "250 m\r\n250 r1\r\n250 r2\r\n354 go\r\n"

    /// Everything a pipelining server may answer to MAIL, two RCPTs and DATA without letting the message through.
    @Test(arguments: [
        ("550 no\r\n503 r\r\n503 r\r\n503 d\r\n", ["permanent 550", "permanent 550"]),
        ("451 no\r\n503 r\r\n503 r\r\n503 d\r\n", ["retryLater 451", "retryLater 451"]),
        ("250 m\r\n550 r\r\n450 r\r\n554 d\r\n", ["permanent 550", "retryLater 450"]),
        ("250 m\r\n250 r\r\n550 r\r\n451 d\r\n", ["retryLater 451", "permanent 550"]),
        ("250 m\r\n250 r\r\n250 r\r\n554 d\r\n", ["permanent 554", "permanent 554"]),
        ("250 m\r\n250 r\r\n552 too many\r\n554 d\r\n", ["permanent 554", "retryLater 552"]),
        ("250 m\r\n250 r\r\n552 5.2.2 full\r\n554 d\r\n", ["permanent 554", "permanent 552"]),
        ("250 m\r\n552 r\r\n250 r\r\n554 d\r\n", ["permanent 552", "permanent 554"]),
    ]) func `decides each recipient by the reply that counts`(server: String, expected: [String]) throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(2))
        let outcome = try script.outcome(server)
        #expect(outcome?.recipients.map { "\($0.disposition) \($0.reply?.code ?? 0)" } == expected)
        #expect(outcome?.acceptance == .refused)
        #expect(outcome?.reason == .replies)
        #expect(script.session.canContinue)
    }

    @Test(arguments: [
        (
            "250 2.0.0 queued as 1\r\n", SubmissionOutcome.Disposition.delivered, SubmissionOutcome.Acceptance.accepted,
            true
        ),
        ("451 4.3.0 later\r\n", .retryLater, .refused, true), ("554 5.7.1 spam\r\n", .permanent, .refused, true),
        ("421 4.3.2 closing\r\n", .retryLater, .refused, false), ("354 what\r\n", .unknown, .ambiguous, false),
        ("hello\r\n", .unknown, .ambiguous, false), ("250-a\r\n550 b\r\n", .unknown, .ambiguous, false),
    ]) func `judges the reply to the final dot`(
        reply: String, disposition: SubmissionOutcome.Disposition, acceptance: SubmissionOutcome.Acceptance,
        goesOn: Bool
    ) throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(2))
        #expect(try script.says(Self.ready) == .sendContent)
        _ = script.session.endContent()
        let outcome = try script.outcome(reply)
        #expect(outcome?.disposition == disposition)
        #expect(outcome?.acceptance == acceptance)
        #expect(outcome?.phase == .acceptance)
        #expect(script.session.canContinue == goesOn)
    }

    @Test(arguments: [
        SubmissionOutcome.Interruption.connectionLost, .timedOut, .cancelled, .contentFailed,
    ]) func `never repeats after the dot and always may before`(interruption: SubmissionOutcome.Interruption) throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        _ = try script.says("250 m\r\n250 r\r\n354 go\r\n")
        var before = script
        var wire: [UInt8] = []
        before.session.encode(Array("text\r\n".utf8)[...], into: &wire)
        let early = before.session.interrupt(interruption)
        #expect(early?.disposition == .retryLater)
        #expect(early?.phase == .content)
        #expect(script.session.endContent() == Array(".\r\n".utf8))
        let late = script.session.interrupt(interruption)
        #expect(late?.disposition == .unknown)
        #expect(late?.acceptance == .ambiguous)
        #expect(script.session.isClosed)
        let again = script.session.interrupt(interruption)
        #expect(again == nil)
    }

    @Test func `knows that a dot which never left was not seen`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        _ = try script.says("250 m\r\n250 r\r\n354 go\r\n")
        _ = script.session.endContent()
        script.session.dotWithheld()
        let outcome = script.session.interrupt(.connectionLost)
        #expect(outcome?.disposition == .retryLater)
        #expect(outcome?.acceptance == .refused)
    }

    /// 421 instead of each of the replies, in both modes.
    @Test(arguments: [true, false], 0..<4) func `takes 421 at any time`(pipelines: Bool, position: Int) throws {
        var script = try SessionScript(offering: pipelines ? "PIPELINING" : "HELP")
        _ = try script.begin(.to(2))
        let replies = ["250 m\r\n", "250 r\r\n", "550 r\r\n", "354 go\r\n"]
        for reply in replies.prefix(position) { _ = try script.says(reply) }
        let outcome = try script.outcome("421 shutting down\r\n")
        let second: SubmissionOutcome.Disposition = position == 3 ? .permanent : .retryLater
        #expect(outcome?.recipients.map(\.disposition) == [.retryLater, second])
        #expect(outcome?.recipients.first?.reply?.code == 421)
        #expect(script.session.isClosed)
    }

    /// A reply too many, too early or of the wrong kind is caught before the message goes out.
    @Test(arguments: [
        "354 m\r\n", "250 m\r\n354 r\r\n", "250 m\r\n250 r\r\n250 d\r\n", "250 m\r\n250 r\r\n354 go\r\n250 early\r\n",
        "235 m\r\nxyz\r\n",
    ]) func `stops when replies are out of step`(server: String) throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        let outcome = try script.outcome(server)
        #expect(outcome?.disposition == .retryLater)
        if case .interrupted(.protocolViolation) = outcome?.reason {
        } else {
            Issue.record("\(String(describing: outcome))")
        }
        #expect(script.session.isClosed)
    }

    @Test func `believes a refusal in the midst of the message`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        _ = try script.says("250 m\r\n250 r\r\n354 go\r\n")
        let outcome = try script.outcome("552 5.3.4 too big\r\n")
        #expect(outcome?.disposition == .permanent)
        #expect(script.session.isClosed)
    }

    @Test func `sums up the most open question`() throws {
        func outcome(_ dispositions: SubmissionOutcome.Disposition...) throws -> SubmissionOutcome.Disposition {
            let path = try SMTPPath("a@b")
            return SubmissionOutcome(
                phase: .acceptance, acceptance: .accepted, reason: .replies,
                recipients: dispositions.map { SubmissionOutcome.Recipient(path: path, disposition: $0, reply: nil) }
            ).disposition
        }
        #expect(try outcome(.delivered, .unknown, .permanent) == .unknown)
        #expect(try outcome(.delivered, .retryLater) == .retryLater)
        #expect(try outcome(.delivered, .permanent) == .delivered)
        #expect(try outcome(.permanent, .permanent) == .permanent)
    }
}

@Suite struct SMTPTransactionTests {
    @Test func `sends long recipient lists in groups`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        let first = try script.begin(.to(250))?.text?.split(separator: "\r\n") ?? []
        #expect(first.count == SMTPLimits.maximumPipelinedCommands)
        #expect(first.last == "RCPT TO:<r99@x>")
        let second = try script.says(String(repeating: "250 ok\r\n", count: 100))?.text?.split(separator: "\r\n") ?? []
        #expect(second.count == 100)
        let third = try script.says(String(repeating: "250 ok\r\n", count: 100))?.text?.split(separator: "\r\n") ?? []
        #expect(third.count == 52)
        #expect(third.last == "DATA")
    }

    @Test func `ends with the group in which MAIL was refused`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(250))
        let outcome = try script.outcome("550 no\r\n" + String(repeating: "503 no\r\n", count: 99))
        #expect(outcome?.disposition == .permanent)
        #expect(outcome?.recipients.count == 250)
    }

    @Test func `sends no DATA for nobody`() throws {
        var script = try SessionScript(offering: "HELP")
        _ = try script.begin(.to(2))
        #expect(try script.says("250 ok\r\n")?.text == "RCPT TO:<r1@x>\r\n")
        #expect(try script.says("550 no\r\n")?.text == "RCPT TO:<r2@x>\r\n")
        let outcome = try script.outcome("550 no\r\n")
        #expect(outcome?.disposition == .permanent)
        #expect(script.session.canContinue)
    }

    @Test func `resets after a refusal, and not after a delivery`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        _ = try script.says("250 m\r\n250 r\r\n354 go\r\n")
        _ = script.session.endContent()
        _ = try script.says("250 ok\r\n")
        #expect(try script.begin(.to(1))?.text?.hasPrefix("MAIL") == true)
        _ = try script.says("550 m\r\n503 r\r\n503 d\r\n")
        #expect(try script.begin(.to(1))?.text == "RSET\r\nMAIL FROM:<me@x>\r\nRCPT TO:<r1@x>\r\nDATA\r\n")
        let outcome = try script.outcome("500 what\r\n")
        #expect(outcome?.disposition == .retryLater)
        #expect(script.session.isClosed)
    }

    @Test func `says size, kind and charset where the server wants to know`() throws {
        var script = try SessionScript(offering: "SIZE 1000", "8BITMIME", "SMTPUTF8")
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath("grün@x"), recipients: [try SMTPPath("a@x")], size: 1000, body: .eightBit)
        #expect(try script.begin(envelope)?.text == "MAIL FROM:<grün@x> SIZE=1000 BODY=8BITMIME SMTPUTF8\r\n")
    }

    @Test func `offers nothing the server cannot take`() throws {
        var script = try SessionScript(offering: "SIZE 1000", "LIMITS RCPTMAX=3")
        var envelope = try SMTPEnvelope.to(1)
        envelope.size = 1001
        #expect(throws: SMTPRefusal.tooLarge(limit: 1000)) { try script.begin(envelope) }
        envelope.size = nil
        envelope.body = .eightBit
        #expect(throws: SMTPRefusal.needs8BitMIME) { try script.begin(envelope) }
        envelope.hasInternationalHeader = true
        #expect(throws: SMTPRefusal.needsSMTPUTF8) { try script.begin(envelope) }
        #expect(throws: SMTPRefusal.tooManyRecipients(limit: 3)) { try script.begin(.to(4)) }
        envelope.recipients = []
        #expect(throws: SMTPRefusal.noRecipients) { try script.begin(envelope) }
        #expect(script.session.canContinue)
        #expect(try script.begin(.to(3))?.text == "MAIL FROM:<me@x>\r\n")
    }

    @Test func `ignores what the server says to a dot alone`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        #expect(try script.says("250 m\r\n550 r\r\n354 go\r\n")?.text == ".\r\n")
        let outcome = try script.outcome("250 queued an empty message\r\n")
        #expect(outcome?.disposition == .permanent)
        #expect(outcome?.acceptance == .refused)
        #expect(script.session.canContinue)
    }
}
