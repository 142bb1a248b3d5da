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

@Suite struct MutationTests {
    private static let interesting: [UInt8] = Array("(){}\"\\*+~<>[] \r\n0123456789-NILnil\0\u{FC}".utf8)

    @Test(arguments: Transcript.all)
    func `no mutation of a session does harm`(transcript: Transcript) {
        var generator = SeededGenerator(seed: UInt64(transcript.server.count))
        var read = 0
        for _ in 0..<250 {
            let start = Int.random(in: 0..<transcript.server.count, using: &generator)
            var bytes = Array(transcript.server[start...].prefix(1_500))
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = Self.interesting.randomElement(using: &generator) ?? 0
                case 1: bytes.insert(Self.interesting.randomElement(using: &generator) ?? 0, at: index)
                case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...9, using: &generator)))
                default:
                    let end = min(bytes.count, index + Int.random(in: 1...40, using: &generator))
                    bytes.insert(contentsOf: bytes[index..<end], at: index)
                }
                if bytes.isEmpty { bytes = [0x0A] }
            }
            // Either values or a typed error; and the same, however the octets arrive.
            let whole = try? Reading.all(bytes)
            let cut = Int.random(in: 0..<bytes.count, using: &generator)
            let parts = try? Reading.all([bytes[..<cut], bytes[cut...]])
            #expect(whole == parts)
            read += whole?.count ?? 0
        }
        #expect(read > 0)
    }

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
