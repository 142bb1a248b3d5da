import CFuzzer
import Foundation
import ParserProbes

// `make fuzz`: libFuzzer on one parser, named by the first argument; `corpus` writes the fixtures as its seeds instead.

let arguments = CommandLine.arguments
guard arguments.count > 2, let probe = ParserProbe(rawValue: arguments[1]) else {
    print("usage: Fuzz PARSER corpus FOLDER | Fuzz PARSER [libFuzzer's arguments]")
    print("parsers: \(ParserProbe.allCases.map(\.rawValue).joined(separator: " "))")
    exit(arguments.count > 1 ? 2 : 0)
}
if arguments[2] == "corpus", arguments.count == 4 {
    for (index, sample) in try probe.corpus.enumerated() {
        try Data(sample).write(to: URL(filePath: "\(arguments[3])/fixture-\(index)"))
    }
    exit(0)
}

/// The parser of this process; libFuzzer's callback can capture nothing.
enum Chosen { nonisolated(unsafe) static var probe = ParserProbe.json }

Chosen.probe = probe
var rest = ([arguments[0]] + arguments[2...]).map { strdup($0) } + [nil]
var count = Int32(rest.count - 1)
let status = rest.withUnsafeMutableBufferPointer { buffer -> Int32 in
    var base = buffer.baseAddress
    return LLVMFuzzerRunDriver(&count, &base) { octets, size in
        do {
            try Chosen.probe.check(Array(UnsafeBufferPointer(start: octets, count: size)))
        } catch {
            fatalError("\(error)")
        }
        return 0
    }
}
exit(status)
