import Foundation
import Synchronization

/// What a child process has printed so far; a reader can wait for a line.
package final class ProcessOutput: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let changed = NSCondition()

    package var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

    func append(_ chunk: some Sequence<UInt8>) {
        changed.lock()
        state.withLock { $0.bytes.append(contentsOf: chunk) }
        changed.broadcast()
        changed.unlock()
    }

    func close() {
        changed.lock()
        state.withLock { $0.isClosed = true }
        changed.broadcast()
        changed.unlock()
    }

    /// The first complete line containing `needle`, or of several the one with that place.
    ///
    /// Blocks until it is printed, the output ends, or time is up.
    package func waitForLine(containing needle: String, number: Int = 1, seconds: Double) throws -> String {
        let limit = Date(timeIntervalSinceNow: seconds)
        changed.lock()
        defer { changed.unlock() }
        while true {
            let (bytes, isClosed) = state.withLock { ($0.bytes, $0.isClosed) }
            var found = 0
            for line in bytes.split(separator: UInt8(ascii: "\n")).dropLast(bytes.last == 10 ? 0 : 1) {
                let text = String(decoding: line, as: UTF8.self)
                if text.contains(needle) { found += 1 }
                if found == number { return text }
            }
            let so = "\"\(needle)\" did not come; printed so far:\n\(String(decoding: bytes, as: UTF8.self))"
            if isClosed { throw ServerFailure("The output ended: \(so)") }
            if !changed.wait(until: limit) { throw ServerFailure("After \(seconds) s \(so)") }
        }
    }

    /// Blocks until whoever writes has closed its end.
    func waitForEnd() {
        changed.lock()
        defer { changed.unlock() }
        while !state.withLock({ $0.isClosed }) { changed.wait() }
    }
}
