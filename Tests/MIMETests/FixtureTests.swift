import MIME
import Testing

@Suite struct FixtureTests {
    @Test(arguments: Fixture.all) func `reads what the golden says`(fixture: Fixture) throws {
        let read = Golden.of(fixture.bytes)
        if Fixture.isRecording { try fixture.record(read) }
        #expect(read == fixture.golden)
    }

    @Test(arguments: Fixture.all) func `reads the same with the other line end`(fixture: Fixture) {
        #expect(Golden.of(fixture.withLineFeeds) == fixture.golden)
    }

    @Test(arguments: Fixture.all) func `survives a cut at every octet`(fixture: Fixture) {
        for count in fixture.bytes.indices {
            let cut = Array(fixture.bytes[..<count])
            let message = ParsedMessage(parsing: cut)
            #expect(message.parts.allSatisfy { $0.bodyRange.upperBound <= count })
            if count % 29 == 0 { _ = Golden.of(cut) }
        }
    }

    @Test(arguments: Fixture.all) func `survives mutation`(fixture: Fixture) {
        var generator = SeededGenerator(seed: 2_024)
        for _ in 0..<60 {
            var bytes = fixture.bytes
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch UInt8.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2:
                    let special = Array("<>()\"\\;:,=?*'\r\n\t -\u{0}".utf8)
                    bytes.insert(special.randomElement(using: &generator) ?? 0, at: place)
                default:
                    let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
                    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
                }
                if bytes.isEmpty { break }
            }
            let message = ParsedMessage(parsing: bytes)
            #expect(message.parts.allSatisfy { $0.bodyRange.upperBound <= bytes.count })
            _ = Golden.of(bytes)
        }
    }

    @Test func `finds all of its fixtures`() {
        #expect(Fixture.all.count >= 40)
    }
}
