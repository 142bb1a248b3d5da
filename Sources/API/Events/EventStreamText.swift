import Model
import Representation

/// The lines of `text/event-stream` (HTML, section 9.2).
enum EventStreamText {
    /// How long a browser waits before it comes back, and the place it would come back with if nothing happened before.
    static func opening(at position: Int64) -> [UInt8] { Array("retry: 2000\nid: \(position)\n\n".utf8) }

    /// A sign of life.
    ///
    /// A block without data is no event, but its `id` is kept: a stream that goes on later need not look again at what its filter
    /// did not want.
    static func heartbeat(at position: Int64) -> [UInt8] { Array(":\nid: \(position)\n\n".utf8) }

    static func append(_ event: Event, to text: inout [UInt8]) {
        text.append(contentsOf: "id: \(event.sequence)\nevent: \(event.type.rawValue)\ndata: ".utf8)
        append(line: JSONWriter.bytes(of: event), to: &text)
    }

    /// The last block before the end: a problem document, under a name that is no event's.
    ///
    /// Not `error`, because that is what a browser calls its own loss of the connection.
    static func problem(_ document: [UInt8]) -> [UInt8] {
        var text = Array("event: problem\ndata: ".utf8)
        append(line: document, to: &text)
        return text
    }

    /// In JSON a line break can only stand between tokens, where a blank does as well.
    private static func append(line: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: line.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
        text.append(contentsOf: [0x0A, 0x0A])
    }
}
