import Wire

/// One pass over a message that finds its parts, however broken their boundaries are.
///
/// All open boundaries are looked up in one table, so a line costs the same at every depth: linear in the message.
struct MessageParser {
    struct Part {
        let parent: Int?
        let number: String
        let depth: Int
        let fields: [HeaderField]
        let headerRange: Range<Int>
        var bodyRange: Range<Int>
        var contentType: ContentType
        var children: [Int] = []
    }

    private struct Level {
        let boundary: [UInt8]
        let part: Int
    }

    private(set) var parts: [Part] = []
    private(set) var problems: Set<MIMEProblem> = []
    private let limits: MIMELimits
    /// Multiparts whose boundaries are watched, outermost first.
    private var levels: [Level] = []
    /// Boundary to its levels: two nested multiparts may share one.
    private var levelsByBoundary: [[UInt8]: [Int]] = [:]
    /// Parts whose end is not known, from the root down.
    private var open: [Int] = []

    init(_ bytes: Span<UInt8>, limits: MIMELimits) {
        self.limits = limits
        var position = begin(bytes, at: 0, parent: nil)
        while position < bytes.count, !levels.isEmpty {
            let isCandidate = bytes[position] == 0x2D && position + 1 < bytes.count && bytes[position + 1] == 0x2D
            guard isCandidate else {
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
                position += 1
                continue
            }
            let line = Line(bytes, at: position)
            guard let (level, isFinal) = boundary(bytes, line.content) else {
                position = line.next
                continue
            }
            close(bytes, above: level, at: position)
            if isFinal {
                removeLevels(from: level)
                position = line.next
            } else if parts.count < limits.parts {
                position = begin(bytes, at: line.next, parent: levels[level].part)
            } else {
                problems.insert(.tooManyParts)
                levels = []
            }
        }
        if !levels.isEmpty { problems.insert(.missingFinalBoundary) }
        while let part = open.popLast() { end(part, at: bytes.count) }
    }

    /// Reads a part's header section and says where its content begins.
    private mutating func begin(_ bytes: Span<UInt8>, at start: Int, parent: Int?) -> Int {
        let known = levelsByBoundary
        let section = HeaderSectionParser(bytes, from: start, limits: limits) { bytes, line in
            MessageParser.key(bytes, line).map { known[$0] != nil || known[MessageParser.withoutFinal($0)] != nil }
                ?? false
        }
        problems.formUnion(section.problems)
        if parent == nil, section.fields.isEmpty, bytes.isEmpty { problems.remove(.missingHeaderEnd) }
        let index = parts.count
        let depth = parent.map { parts[$0].depth + 1 } ?? 0
        var part = Part(
            parent: parent, number: number(parent), depth: depth, fields: section.fields,
            headerRange: start..<section.end, bodyRange: section.end..<bytes.count,
            contentType: contentType(section.fields, parent: parent))
        var boundary: [UInt8]?
        if part.contentType.isMultipart {
            if depth < limits.depth {
                boundary = self.boundary(of: part, bytes)
            } else {
                problems.insert(.nestingTooDeep)
                part.contentType = ContentType(type: "application", subtype: "octet-stream")
            }
        }
        if part.contentType.isMultipart, boundary == nil { part.contentType = .textPlain }
        parts.append(part)
        if parent == nil, !part.contentType.isMultipart { parts[0] = part.numbered("1") }
        open.append(index)
        if let parent { parts[parent].children.append(index) }
        if let boundary {
            levelsByBoundary[boundary, default: []].append(levels.count)
            levels.append(Level(boundary: boundary, part: index))
        }
        return section.end
    }

    private func number(_ parent: Int?) -> String {
        guard let parent else { return "" }
        let place = String(parts[parent].children.count + 1)
        return parts[parent].number.isEmpty ? place : parts[parent].number + "." + place
    }

    private mutating func contentType(_ fields: [HeaderField], parent: Int?) -> ContentType {
        guard let field = fields.first(where: { $0.isNamed("Content-Type") }) else {
            let isDigest = parent.map { parts[$0].contentType.subtype == "digest" } ?? false
            return isDigest ? ContentType(type: "message", subtype: "rfc822") : .textPlain
        }
        if let type = ContentType(parsing: field.rawValue) { return type }
        problems.insert(.malformedContentType)
        return .textPlain
    }

    /// The labelled boundary, else one that looks like it; nil makes the multipart a text.
    private mutating func boundary(of part: Part, _ bytes: Span<UInt8>) -> [UInt8]? {
        if var labelled = part.contentType.parameters["boundary"].map({ Array($0.utf8) }) {
            while labelled.last == 0x20 { labelled.removeLast() }
            if !labelled.isEmpty, labelled.count <= Bounds.boundary { return labelled }
        }
        problems.insert(.missingBoundary)
        var position = part.bodyRange.lowerBound
        let ceiling = min(bytes.count, position + Bounds.boundaryGuess)
        while position < ceiling {
            let line = Line(bytes, at: position)
            if let key = MessageParser.key(bytes, line.content), key.contains(where: { $0 != 0x2D }),
                !key.contains(0x20)
            {
                return key
            }
            position = line.next
        }
        return nil
    }

    /// What stands after `--`, without blanks at its end; nil for a line that can be no boundary.
    private static func key(_ bytes: Span<UInt8>, _ line: Range<Int>) -> [UInt8]? {
        var end = line.upperBound
        while end > line.lowerBound, bytes[end - 1] <= 0x20 { end -= 1 }
        let start = line.lowerBound + 2
        guard end > start, end - start <= Bounds.boundary + 2, bytes[start - 2] == 0x2D, bytes[start - 1] == 0x2D else {
            return nil
        }
        return ByteCursor(bytes).array(start..<end)
    }

    private static func withoutFinal(_ key: [UInt8]) -> [UInt8] {
        key.count > 2 && key[key.count - 1] == 0x2D && key[key.count - 2] == 0x2D ? Array(key.dropLast(2)) : key
    }

    private func boundary(_ bytes: Span<UInt8>, _ line: Range<Int>) -> (level: Int, isFinal: Bool)? {
        guard let key = MessageParser.key(bytes, line) else { return nil }
        if let level = levelsByBoundary[key]?.last { return (level, false) }
        let bare = MessageParser.withoutFinal(key)
        guard bare.count < key.count, let level = levelsByBoundary[bare]?.last else { return nil }
        return (level, true)
    }

    /// Ends the parts inside the multipart of `level`: the line end before the boundary belongs to the boundary.
    private mutating func close(_ bytes: Span<UInt8>, above level: Int, at lineStart: Int) {
        if levels.count > level + 1 {
            problems.insert(.missingFinalBoundary)
            removeLevels(from: level + 1)
        }
        let owner = levels[level].part
        while let part = open.last, part != owner {
            open.removeLast()
            var contentEnd = lineStart
            let floor = parts[part].bodyRange.lowerBound
            if contentEnd > floor, bytes[contentEnd - 1] == 0x0A { contentEnd -= 1 }
            if contentEnd > floor, bytes[contentEnd - 1] == 0x0D { contentEnd -= 1 }
            end(part, at: contentEnd)
        }
    }

    private mutating func removeLevels(from level: Int) {
        while levels.count > level {
            let removed = levels.removeLast()
            levelsByBoundary[removed.boundary]?.removeLast()
            if levelsByBoundary[removed.boundary]?.isEmpty == true { levelsByBoundary[removed.boundary] = nil }
        }
    }

    /// A multipart in which no boundary was found keeps its content as one text.
    private mutating func end(_ index: Int, at position: Int) {
        let start = parts[index].bodyRange.lowerBound
        parts[index].bodyRange = start..<max(start, position)
        guard parts[index].contentType.isMultipart, parts[index].children.isEmpty else { return }
        problems.insert(.boundaryNotFound)
        guard !parts[index].bodyRange.isEmpty else { return }
        parts.append(
            Part(
                parent: index, number: number(index), depth: parts[index].depth + 1, fields: [],
                headerRange: start..<start, bodyRange: parts[index].bodyRange, contentType: .textPlain))
        parts[index].children = [parts.count - 1]
    }
}

extension MessageParser.Part {
    fileprivate func numbered(_ number: String) -> Self {
        MessageParser.Part(
            parent: parent, number: number, depth: depth, fields: fields, headerRange: headerRange,
            bodyRange: bodyRange, contentType: contentType)
    }
}
