import Foundation
import ParserProbes
import Testing

/// Spoiled input for every parser.
///
/// A failure names its seed: `MAILBRIDGE_SEED=… MAILBRIDGE_MUTATIONS=1` plays it alone.
///
/// A trap ends the process before it can say anything; the seed is then in /tmp/mailbridge-mutation-PARSER.
@Suite(.timeLimit(.minutes(5))) struct MutationTests {
    private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
    }

    @Test(arguments: ParserProbe.allCases)
    func `no mutation of good input does harm`(probe: ParserProbe) async throws {
        let first = Self.setting("MAILBRIDGE_SEED", 1)
        let count = Self.setting("MAILBRIDGE_MUTATIONS", 500)
        let mutator = try Mutator(probe)
        let note = try SeedNote(probe)
        for seed in first..<first + count {
            try note.write(seed)
            do {
                try probe.check(mutator.input(seed: seed))
            } catch {
                Issue.record("MAILBRIDGE_SEED=\(seed), \(probe.rawValue): \(error)")
            }
            // Other tests have deadlines, and this is work for the processor alone.
            await Task.yield()
        }
        note.remove()
    }

    @Test(arguments: ParserProbe.allCases) func `good input keeps its promises`(probe: ParserProbe) throws {
        for sample in try probe.corpus {
            do {
                try probe.check(sample)
            } catch {
                Issue.record("\(probe.rawValue): \(error): \(String(decoding: sample.prefix(200), as: UTF8.self))")
            }
        }
    }

    /// Otherwise a broken corpus would pass for robust parsers.
    @Test(arguments: ParserProbe.allCases) func `seeds differ, and mean the same each time`(probe: ParserProbe) throws {
        let mutator = try Mutator(probe)
        let inputs = (0..<50).map { mutator.input(seed: $0) }
        #expect(inputs == (0..<50).map { mutator.input(seed: $0) })
        #expect(Set(inputs).count > 40)
        #expect(inputs.contains { $0.count > 100 } || probe == .httpFieldValues || probe == .json)
    }
}

/// The seed that is being tried, where it outlives the process.
private struct SeedNote {
    private let file: FileHandle
    private let path: String

    init(_ probe: ParserProbe) throws {
        path = "/tmp/mailbridge-mutation-\(probe.rawValue)"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        file = try FileHandle(forWritingTo: URL(filePath: path))
    }

    func write(_ seed: UInt64) throws {
        try file.seek(toOffset: 0)
        try file.write(contentsOf: Data("\(seed)\n".utf8))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
