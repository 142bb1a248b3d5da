/// One part of a form, and where its octets lie in the body.
package struct FormPart: Sendable, Equatable {
    package var name: String
    /// As the client gave it; nil where the part is no file.
    package var fileName: String?
    /// The media type with its parameters; nil where none was given.
    package var type: String?
    package var range: Range<Int>

    package init(name: String, fileName: String? = nil, type: String? = nil, range: Range<Int>) {
        self.name = name
        self.fileName = fileName
        self.type = type
        self.range = range
    }
}

/// Why a body is no form.
package enum FormFault: Error, Sendable, Equatable {
    case noBoundary
    /// The closing boundary never came: the upload was cut off.
    case cutOff
    case malformedPart
    case tooManyParts
    /// A part encoded for mail, which RFC 7578, section 4.7 has done away with.
    case transferEncoding

    package var detail: String {
        switch self {
        case .noBoundary:
            "is no form: its Content-Type has no boundary of 1 to 70 characters, or the body does not have it"
        case .cutOff: "ends before the form does: the upload was cut off"
        case .malformedPart: "has a part whose header is not that of a form's part (RFC 7578)"
        case .tooManyParts: "has more than \(Bound.formParts) parts"
        case .transferEncoding: "has a part with a Content-Transfer-Encoding; send its octets as they are"
        }
    }
}

/// Finds the parts of `multipart/form-data` (RFC 7578) in a body that comes in pieces; nothing of their content is kept.
package struct FormScanner: Sendable {
    private enum State {
        case preamble
        /// Behind a boundary: `--` ends the form, a line end begins a part.
        case boundaryEnd
        case header
        case content(FormPart)
        case end
    }

    /// CRLF, two dashes, the boundary.
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// What was not looked at yet, from `offset` on; never much more than one piece.
    private var pending: [UInt8] = [0x0D, 0x0A]
    /// Where `pending` begins in the body: before it, because a CRLF is thought there.
    private var offset = -2
    private var parts: [FormPart] = []

    package init(boundary: String?) throws(FormFault) {
        guard let boundary, (1...70).contains(boundary.utf8.count) else { throw .noBoundary }
        delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + boundary.utf8
    }

    package mutating func read(_ octets: [UInt8]) throws(FormFault) {
        if case .end = state { return }
        pending += octets
        while try step() {}
    }

    /// The parts, in order.
    package mutating func finish() throws(FormFault) -> [FormPart] {
        switch state {
        case .end: return parts
        case .preamble: throw .noBoundary
        case .boundaryEnd, .header, .content: throw .cutOff
        }
    }

    /// False where more octets are needed.
    private mutating func step() throws(FormFault) -> Bool {
        switch state {
        case .preamble:
            guard let place = findDelimiter() else { return false }
            drop(place + delimiter.count)
            state = .boundaryEnd
        case .boundaryEnd:
            var index = 0
            while index < pending.count, pending[index] == 0x20 || pending[index] == 0x09 { index += 1 }
            guard index + 1 < pending.count else {
                guard index < Bound.formHeader else { throw .malformedPart }
                return false
            }
            let mark = (pending[index], pending[index + 1])
            if mark == (0x2D, 0x2D), index == 0 {
                state = .end
                return false
            }
            guard mark == (0x0D, 0x0A) else { throw .malformedPart }
            // The line end is left: a part without fields begins with an empty line.
            drop(index)
            state = .header
        case .header:
            guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
                guard pending.count < Bound.formHeader else { throw .malformedPart }
                return false
            }
            guard end <= Bound.formHeader, parts.count < Bound.formParts else {
                throw end > Bound.formHeader ? .malformedPart : .tooManyParts
            }
            var part = try FormPartHeader(Array(pending[..<end])).part
            drop(end + 2)
            part.range = (offset + 2)..<(offset + 2)
            state = .content(part)
        case .content(var part):
            // The CRLF before the content is still there, so that an empty part's delimiter is found.
            guard let place = findDelimiter() else { return false }
            part.range = part.range.lowerBound..<max(offset + place, part.range.lowerBound)
            parts.append(part)
            drop(place + delimiter.count)
            state = .boundaryEnd
        case .end: return false
        }
        return true
    }

    /// Where a line begins that is a boundary; a line that only begins like one is content (RFC 2046, section 5.1.1).
    ///
    /// Nil where none is here; what cannot be the beginning of one is dropped.
    private mutating func findDelimiter() -> Int? {
        var start = 0
        while let place = find(delimiter, from: start) {
            let end = place + delimiter.count
            guard end + 1 < pending.count else {
                drop(place)
                return nil
            }
            let next = (pending[end], pending[end + 1])
            if next == (0x2D, 0x2D) || next == (0x0D, 0x0A) || next.0 == 0x20 || next.0 == 0x09 { return place }
            start = place + 1
        }
        drop(max(pending.count - delimiter.count + 1, 0))
        return nil
    }

    private mutating func drop(_ count: Int) {
        pending.removeFirst(count)
        offset += count
    }

    private func find(_ wanted: [UInt8], from start: Int = 0) -> Int? {
        guard pending.count >= wanted.count else { return nil }
        let last = pending.count - wanted.count
        var index = start
        while index <= last {
            guard let next = pending[index...last].firstIndex(of: wanted[0]) else { return nil }
            if pending[next..<(next + wanted.count)].elementsEqual(wanted) { return next }
            index = next + 1
        }
        return nil
    }
}

/// The fields of one part.
private struct FormPartHeader {
    let part: FormPart

    init(_ octets: [UInt8]) throws(FormFault) {
        var name: String?
        var fileName: String?
        var type: String?
        for line in octets.split(separator: 0x0A) {
            let text = String(decoding: line.filter { $0 != 0x0D }, as: UTF8.self)
            guard !text.isEmpty else { continue }
            guard let colon = text.firstIndex(of: ":") else { throw .malformedPart }
            let value = String(text[text.index(after: colon)...].drop { $0 == " " })
            switch text[..<colon].lowercased() {
            case "content-disposition":
                var scanner = FieldScanner(value)
                guard scanner.takeToken()?.lowercased() == "form-data", let parameters = scanner.takeParameters()
                else { throw .malformedPart }
                name = parameters.first { $0.name == "name" }.map { Self.unescaped($0.value) }
                fileName = parameters.first { $0.name == "filename" }.map { Self.unescaped($0.value) }
            case "content-type": type = value.isEmpty ? nil : value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else { throw .transferEncoding }
            default: break
            }
        }
        guard let name, octets.allSatisfy({ $0 != 0 }) else { throw .malformedPart }
        part = FormPart(name: name, fileName: fileName, type: type, range: 0..<0)
    }

    /// Browsers write a quote and line ends as `%22`, `%0D` and `%0A`, and nothing else so (HTML, form submission).
    private static func unescaped(_ text: String) -> String {
        text.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }
}
