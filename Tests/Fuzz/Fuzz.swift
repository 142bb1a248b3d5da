import Foundation
import ParserProbes

// libFuzzer brings the `main` of this program, and calls the two functions below. The environment says what is to be done.

/// The parser that `MAILBRIDGE_PARSER` names.
private let probe = ProcessInfo.processInfo.environment["MAILBRIDGE_PARSER"].flatMap { ParserProbe(rawValue: $0) }

/// Called once: prints the parsers' names where none is named, writes the fixtures to the folder that `MAILBRIDGE_CORPUS` names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    guard let probe else {
        print(ParserProbe.allCases.map(\.rawValue).joined(separator: " "))
        exit(0)
    }
    guard let folder = ProcessInfo.processInfo.environment["MAILBRIDGE_CORPUS"] else { return 0 }
    do {
        for (index, sample) in try probe.corpus.enumerated() {
            try Data(sample).write(to: URL(filePath: "\(folder)/fixture-\(index)"))
        }
        exit(0)
    } catch {
        print(error)
        exit(1)
    }
}

/// Called for each input that libFuzzer invents.
@_cdecl("LLVMFuzzerTestOneInput")
public func check(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try probe?.check(Array(UnsafeBufferPointer(start: octets, count: count)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
