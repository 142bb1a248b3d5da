import Wire

/// Changes single fields of a raw message and leaves every other octet as it is.
///
/// A message that was given as `message/rfc822` is sent as it is but for what must change: Bcc goes, a missing Date or
/// Message-ID comes.
package struct HeaderEditor: Sendable {
    package private(set) var message: [UInt8]

    package init(_ message: [UInt8]) { self.message = message }

    package func contains(_ name: String) -> Bool { !ranges(of: name).isEmpty }

    /// Removes all fields of that name, with their folds.
    package mutating func remove(_ name: String) {
        for range in ranges(of: name).reversed() { message.removeSubrange(range) }
    }

    /// Puts an unstructured field in front of the others.
    package mutating func prepend(_ name: String, _ value: String) throws(ComposeError) {
        guard OutgoingHeader.isName(name) else { throw .invalidHeaderName(member: "headers/\(name)") }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .controlCharacter(member: "headers/\(name)")
        }
        var writer = HeaderWriter()
        writer.text(name, value)
        let firstLine = Line(message.span, at: 0)
        let hasReturns = message.isEmpty || firstLine.next - firstLine.content.upperBound != 1
        message.insert(contentsOf: hasReturns ? writer.bytes : writer.bytes.filter { $0 != 0x0D }, at: 0)
    }

    package mutating func replace(_ name: String, _ value: String) throws(ComposeError) {
        var changed = self
        changed.remove(name)
        try changed.prepend(name, value)
        self = changed
    }

    private func ranges(of name: String) -> [Range<Int>] {
        let bytes = message.span
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            var line = Line(bytes, at: position)
            guard !line.isEmpty else { break }
            let start = position
            let head = line.content
            while line.next < bytes.count, bytes[line.next] == 0x20 || bytes[line.next] == 0x09 {
                line = Line(bytes, at: line.next)
            }
            position = line.next
            if HeaderEditor.isNamed(bytes, head, name) { ranges.append(start..<position) }
        }
        return ranges
    }

    private static func isNamed(_ bytes: Span<UInt8>, _ line: Range<Int>, _ name: String) -> Bool {
        var index = line.lowerBound
        for byte in name.utf8 {
            guard index < line.upperBound, lowered(bytes[index]) == lowered(byte) else { return false }
            index += 1
        }
        while index < line.upperBound, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index < line.upperBound && bytes[index] == 0x3A
    }
}
