import Wire

/// Finds the fields of a header section and where it ends, in whatever state it is.
struct HeaderSectionParser {
    private(set) var fields: [HeaderField] = []
    private(set) var problems: Set<MIMEProblem> = []
    /// Where the section ends: after the empty line, or before the first line that is none of it.
    private(set) var end: Int

    /// `isBoundary` says whether the line of that range is a boundary of a multipart around this section.
    init(
        _ bytes: Span<UInt8>, from start: Int, limits: MIMELimits,
        isBoundary: (Span<UInt8>, Range<Int>) -> Bool = { _, _ in false }
    ) {
        end = start
        var position = start
        let ceiling = min(bytes.count, start + limits.headerBytes)
        let first = Line(bytes, at: position)
        let isEnvelope = first.starts(bytes, with: "From ") || first.starts(bytes, with: ">From ")
        if isEnvelope, HeaderSectionParser.nameEnd(bytes, first) == nil { position = first.next }
        while true {
            end = position
            guard position < bytes.count else {
                problems.insert(.missingHeaderEnd)
                return
            }
            var line = Line(bytes, at: position)
            if line.isEmpty {
                end = line.next
                return
            }
            if bytes[position] == 0x2D, isBoundary(bytes, line.content) {
                problems.insert(.missingHeaderEnd)
                return
            }
            guard let colon = HeaderSectionParser.nameEnd(bytes, line) else {
                problems.insert(.malformedHeader)
                let follower = Line(bytes, at: line.next)
                let isContinuation = bytes[position] == 0x20 || bytes[position] == 0x09
                guard isContinuation || HeaderSectionParser.nameEnd(bytes, follower) != nil else {
                    problems.insert(.missingHeaderEnd)
                    return
                }
                position = line.next
                continue
            }
            var contentEnd = line.content.upperBound
            while line.next < bytes.count, bytes[line.next] == 0x20 || bytes[line.next] == 0x09 {
                let following = Line(bytes, at: line.next)
                line = following
                if !following.isBlank(bytes) { contentEnd = following.content.upperBound }
            }
            if line.next > ceiling {
                problems.insert(.headerTooLarge)
            } else if fields.count == limits.headerFields {
                problems.insert(.tooManyHeaders)
            } else {
                add(bytes, position..<colon, colon + 1..<max(colon + 1, contentEnd))
            }
            position = line.next
        }
    }

    private mutating func add(_ bytes: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>) {
        let cursor = ByteCursor(bytes)
        var end = name.upperBound
        while end > name.lowerBound, bytes[end - 1] <= 0x20 { end -= 1 }
        fields.append(HeaderField(name: cursor.text(name.lowerBound..<end), rawValue: cursor.array(value)))
    }

    /// Where the colon of a field stands; nil for a line that is no field.
    private static func nameEnd(_ bytes: Span<UInt8>, _ line: Line) -> Int? {
        var index = line.content.lowerBound
        while index < line.content.upperBound, bytes[index] != 0x3A, ByteSet.visible.contains(bytes[index]) {
            index += 1
        }
        guard index > line.content.lowerBound else { return nil }
        while index < line.content.upperBound, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index < line.content.upperBound && bytes[index] == 0x3A ? index : nil
    }
}

/// One line of a message: LF ends it, CR before that belongs to the end.
struct Line {
    let content: Range<Int>
    /// Where the next line begins.
    let next: Int

    init(_ bytes: Span<UInt8>, at start: Int) {
        var index = start
        let count = bytes.count
        while index < count, bytes[index] != 0x0A { index += 1 }
        next = min(index + 1, count)
        if index > start, bytes[index - 1] == 0x0D { index -= 1 }
        content = start..<max(index, start)
    }

    var isEmpty: Bool { content.isEmpty }

    func isBlank(_ bytes: Span<UInt8>) -> Bool {
        for index in content where bytes[index] > 0x20 { return false }
        return true
    }

    func starts(_ bytes: Span<UInt8>, with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard content.count >= count else { return false }
        return ByteCursor(bytes).equals(content.lowerBound..<content.lowerBound + count, caseInsensitive: text)
    }
}
