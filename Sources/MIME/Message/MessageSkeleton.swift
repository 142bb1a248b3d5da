/// A message that streams by, reduced to what tells its parts: headers, and lines that may be boundaries.
///
/// Only those lines are kept of which `ParsedMessage` makes its parts, so a message of any size can be understood without being held. What
/// the parts' contents are is then read from the message itself, by `range(of:)`.
package struct MessageSkeleton: Sendable {
    private enum Mode: Sendable {
        /// In what may be a header: everything is kept.
        case header
        case body
    }

    /// At this octet of the skeleton so many octets of the message, counted from its beginning, were left out.
    private struct Gap: Sendable {
        let at: Int
        var total: Int
    }

    private var kept: [UInt8] = []
    private var gaps: [Gap] = []
    /// Whether the octet before a gap's end was CR, LF, or CRLF: a boundary behind it owns that.
    private var lastDropped: (UInt8, UInt8) = (0, 0)
    private var lineEnds: [Int: Int] = [:]
    private var dropped = 0
    private var mode = Mode.header
    /// Where the header section began that is being kept.
    private var sectionStart = 0
    /// The header is that of a message inside a part, which is kept because that may be named by its subject.
    private var isNested = false
    /// Parts of a digest are messages without saying so (RFC 2046, 5.1.5).
    private var hasDigest = false
    /// The beginning of a line, until it is clear whether it is kept.
    private var beginning: [UInt8] = []
    private var isBeginning = false
    private var isKept = true
    private var isEmptyLine = true
    private let limit: Int

    /// `limit` bounds what is kept; of what comes later nothing is known.
    package init(limit: Int) { self.limit = limit }

    /// Octets seen.
    package var size: Int { kept.count + dropped + beginning.count }

    package mutating func add(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count {
            if mode == .body, !isBeginning, !isKept {
                // The rest of a line that is no boundary goes at once.
                let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
                let stop = min(end + 1, bytes.count)
                drop(bytes[index..<stop])
                index = stop
                if end < bytes.count { endLine() }
                continue
            }
            let byte = bytes[index]
            index += 1
            if isBeginning { hold(byte) } else { put(byte) }
            if byte != 0x0D, byte != 0x0A { isEmptyLine = false }
            if byte == 0x0A { endLine() }
        }
    }

    /// Two octets tell whether a line may be a boundary.
    private mutating func hold(_ byte: UInt8) {
        beginning.append(byte)
        guard beginning.count == 2 || byte == 0x0A else { return }
        isKept = beginning == [0x2D, 0x2D]
        release()
    }

    private mutating func release() {
        let held = beginning
        beginning = []
        isBeginning = false
        for byte in held { put(byte) }
    }

    private mutating func endLine() {
        switch mode {
        case .header where isEmptyLine: endSection()
        case .body where isKept:
            // If it is a boundary a header follows.
            mode = .header
            isNested = false
            sectionStart = kept.count
        case .header, .body: break
        }
        isEmptyLine = true
        isKept = mode == .header
        isBeginning = mode == .body
    }

    private mutating func endSection() {
        let section = String(decoding: kept[min(sectionStart, kept.count)...], as: UTF8.self).lowercased()
        if section.contains("multipart/digest") { hasDigest = true }
        let holdsMessage =
            section.contains("message/rfc822") || section.contains("message/global")
            || hasDigest && !section.contains("content-type:")
        mode = !isNested && holdsMessage ? .header : .body
        isNested = true
        sectionStart = kept.count
    }

    private mutating func put(_ byte: UInt8) {
        guard isKept, kept.count < limit else { return drop([byte]) }
        if let last = gaps.last, last.at == kept.count, lastDropped.1 == 0x0A {
            lineEnds[kept.count] = lastDropped.0 == 0x0D ? 2 : 1
        }
        kept.append(byte)
    }

    private mutating func drop(_ bytes: ArraySlice<UInt8>) {
        guard let last = bytes.last else { return }
        let before = bytes.count > 1 ? bytes[bytes.endIndex - 2] : lastDropped.1
        lastDropped = (before, last)
        dropped += bytes.count
        if let gap = gaps.last, gap.at == kept.count {
            gaps[gaps.count - 1].total = dropped
        } else {
            gaps.append(Gap(at: kept.count, total: dropped))
        }
    }

    /// The parts, as they are in the skeleton: where their contents lie in the message, `range(of:)` tells.
    package mutating func parse(limits: MIMELimits = .standard) -> ParsedMessage {
        isKept = false
        release()
        return ParsedMessage(parsing: kept, limits: limits)
    }

    /// Where the content of a part lies in the message.
    package func range(of part: MessagePart) -> Range<Int> {
        let lower = place(part.bodyRange.lowerBound, behindGap: false)
        return lower..<max(lower, end(part.bodyRange.upperBound))
    }

    /// Behind a content comes a boundary, which owns the line end before it, or the end of the message.
    private func end(_ offset: Int) -> Int {
        var boundary = offset
        if boundary < kept.count, kept[boundary] == 0x0D { boundary += 1 }
        if boundary < kept.count, kept[boundary] == 0x0A { boundary += 1 }
        guard kept[min(boundary, kept.count)...].starts(with: [0x2D, 0x2D]) else {
            return place(offset, behindGap: true)
        }
        // Where something was left out before the boundary, that had the line end.
        return place(boundary, behindGap: true) - (lineEnds[boundary] ?? boundary - offset)
    }

    private func place(_ offset: Int, behindGap: Bool) -> Int {
        var low = 0
        var high = gaps.count
        while low < high {
            let middle = (low + high) / 2
            if gaps[middle].at < offset || behindGap && gaps[middle].at == offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return offset + (low > 0 ? gaps[low - 1].total : 0)
    }
}
