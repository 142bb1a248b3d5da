import SMTP
import Testing

@Suite struct TranscriptTests {
    @Test(arguments: try Transcript.all) func `follows the transcript`(transcript: Transcript) throws {
        let replay = try Replay(transcript)
        #expect(replay.serverOctets > 100)
    }

    @Test(arguments: try Transcript.all) func `does the same wherever the stream is cut`(transcript: Transcript) throws
    {
        let whole = try Replay(transcript)
        for cut in 1..<whole.serverOctets {
            let replay = try Replay(transcript, cut: cut)
            #expect(replay.outcomes == whole.outcomes, "cut at \(cut)")
        }
        for pace in [1, 2, 3, 5, 7] {
            let replay = try Replay(transcript, pace: pace)
            #expect(replay.outcomes == whole.outcomes, "\(pace) octets at a time")
        }
    }

    /// Where the server dies decides what is known: nothing is retried after the dot, nothing is lost before it.
    @Test(arguments: try Transcript.all) func `knows what a lost connection means`(transcript: Transcript) throws {
        let whole = try Replay(transcript)
        for cut in 1..<whole.serverOctets {
            let replay = try Replay(transcript, cut: cut, dies: true)
            #expect(replay.session.isClosed)
            for (index, outcome) in replay.outcomes.enumerated() {
                if case .interrupted = outcome.reason {
                    #expect(index == replay.outcomes.count - 1)
                    #expect((outcome.phase == .acceptance) == (outcome.acceptance == .ambiguous))
                    for (found, proved) in zip(outcome.recipients, whole.outcomes[index].recipients)
                    where found.disposition != proved.disposition {
                        let expected =
                            outcome.phase == .acceptance ? SubmissionOutcome.Disposition.unknown : .retryLater
                        #expect(found.disposition == expected, "cut at \(cut)")
                    }
                } else {
                    #expect(outcome == whole.outcomes[index], "cut at \(cut)")
                }
            }
        }
    }
}
