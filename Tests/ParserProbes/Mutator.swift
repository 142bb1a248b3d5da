/// A small generator with a seed: a failure can be repeated.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    package mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Spoils good input a little: that is nearer to where parsers break than noise is.
package struct Mutator {
    private let corpus: [[UInt8]]
    private let dictionary: [[UInt8]]

    package init(_ probe: ParserProbe) throws {
        corpus = try probe.corpus
        dictionary = probe.dictionary.map { Array($0.utf8) }
    }

    /// The input that belongs to a seed, the same in each run.
    package func input(seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<8 { _ = generator.next() }
        guard let sample = corpus.randomElement(using: &generator), !sample.isEmpty else { return [] }
        let start = Bool.random(using: &generator) ? 0 : Int.random(in: 0..<sample.count, using: &generator)
        var bytes = Array(sample[start...].prefix(1_500))
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            mutate(&bytes, &generator)
            if bytes.isEmpty { bytes = [0x0A] }
        }
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        func length(_ most: Int) -> Int { min(bytes.count, index + Int.random(in: 1...most, using: &generator)) }
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.removeSubrange(index..<length(9))
        case 3: bytes.insert(contentsOf: bytes[index..<length(40)], at: index)
        case 4: bytes.removeSubrange(index...)
        case 5:
            let word = dictionary.randomElement(using: &generator) ?? []
            bytes.replaceSubrange(index..<min(bytes.count, index + word.count), with: word)
        default: bytes.insert(contentsOf: dictionary.randomElement(using: &generator) ?? [], at: index)
        }
    }
}
