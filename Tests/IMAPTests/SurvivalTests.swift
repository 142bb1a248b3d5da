import IMAP
import Testing

/// A small generator with a seed: a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Spoiled octets are for the suite of that name; here the responses are good, and some of them missing.
@Suite struct SurvivalTests {
    @Test(arguments: Transcript.all)
    func `a session survives any server`(transcript: Transcript) throws {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<40 {
            let scripted = try Scripted.selected("IMAP4rev1 IDLE UIDPLUS ESEARCH")
            scripted.submit(FetchCommand(.uids(.all), items: FetchItem.summary))
            scripted.submit(SearchCommand(.all))
            scripted.submit(IdleCommand())
            for response in try transcript.responses where Bool.random(using: &generator) {
                do {
                    _ = try scripted.session.receive(response)
                } catch {
                    scripted.session.fail(.closed)
                    break
                }
            }
            scripted.session.endIdle()
            scripted.session.fail(.closed)
            #expect(scripted.session.isQuiet)
        }
    }
}
