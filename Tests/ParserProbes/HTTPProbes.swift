import HTTP
import Wire

enum HTTPProbes {
    /// Heads and bodies of one connection, as long as there are any.
    ///
    /// What is wrong in a line may be told before the line ends, or when it does: so all lines end.
    static func requests(_ bytes: [UInt8]) throws(BrokenPromise) {
        let bytes = bytes + Array("\r\n\r\n".utf8)
        let whole = readRequests([bytes[...]])
        let cut = readRequests(pieces(bytes))
        try expect(whole == cut, "HTTP requests differ where they arrive in two pieces: \(whole), \(cut)")
        try expect(whole.content.count <= bytes.count, "the content of HTTP requests is larger than they are")
    }

    static func responses(_ bytes: [UInt8]) throws(BrokenPromise) {
        let bytes = bytes + Array("\r\n\r\n".utf8)
        for method in [HTTPMethod.get, .head] {
            let whole = readResponse([bytes[...]], method)
            let cut = readResponse(pieces(bytes), method)
            try expect(whole == cut, "an HTTP response differs where it arrives in two pieces: \(whole), \(cut)")
            try expect(whole.content.count <= bytes.count, "the content of an HTTP response is larger than it is")
        }
    }

    static func fieldValues(_ bytes: [UInt8]) throws(BrokenPromise) {
        let text = String(decoding: bytes, as: UTF8.self)
        let accept = Accept(text)
        let offers = ["application/json", "text/html"]
        try expect(accept.best(of: offers).map(offers.contains) ?? true, "Accept chose what was not offered")
        _ = (MediaType(text)?.charset, Preferences(text).wait, EntityTag(parsing: text), HTTPDate.parse(text))
        for size in [0, 1, 1 << 20] {
            guard let range = ByteRange(text)?.resolve(size: size) else { continue }
            try expect(
                range.lowerBound >= 0 && range.upperBound <= size && !range.isEmpty, "a range of \(size): \(range)")
        }
        if let condition = EntityTagCondition(text) { _ = condition.matchesWeakly(EntityTag("x")) }
        let decoded = PercentEncoding.decode(bytes[...], plusIsSpace: true)
        try expect(decoded.count <= bytes.count, "percent-decoding made more of \(bytes.count) octets")
        let back = PercentEncoding.decode(Array(PercentEncoding.encode(text).utf8)[...])
        try expect(String(decoding: back, as: UTF8.self) == text, "percent-encoding is not undone by decoding")
        let disposition = ContentDisposition.value("attachment", filename: text)
        try expect(
            !disposition.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "Content-Disposition holds a control character")
    }

    /// Parts lie inside the body, in order, and are the same however it is cut.
    static func forms(_ bytes: [UInt8]) throws(BrokenPromise) {
        let whole = readForm([bytes[...]])
        let cut = readForm(pieces(bytes))
        try expect(whole == cut, "a form differs where it arrives in two pieces: \(whole), \(cut)")
        var end = 0
        for part in (try? whole.get()) ?? [] {
            try expect(part.range.lowerBound >= end && part.range.upperBound <= bytes.count, "a part at \(part.range)")
            end = part.range.upperBound
        }
    }

    private static func readForm(_ pieces: [ArraySlice<UInt8>]) -> Result<[FormPart], FormFault> {
        Result { () throws(FormFault) in
            var scanner = try FormScanner(boundary: "b")
            for piece in pieces { try scanner.read(Array(piece)) }
            return try scanner.finish()
        }
    }

    struct Outcome: Equatable, CustomStringConvertible {
        var heads: [String] = []
        var content: [UInt8] = []
        var isRefused = false

        var description: String {
            let text = String(decoding: content, as: UTF8.self)
            return "\(heads) \(text) \(isRefused ? "refused" : "taken")"
        }
    }

    private static func readRequests(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var outcome = Outcome()
        var parser = HTTPRequestParser()
        var body: BodyDecoder?
        var input = InputBuffer()
        do {
            for piece in pieces {
                input.append(piece)
                while true {
                    if body != nil {
                        guard try read(&body, &input, &outcome) else { break }
                    } else if let request = try parser.parse(&input) {
                        let items = request.target.queryItems.map { "\($0.name)=\($0.value)" }
                        outcome.heads.append("\(request.method) \(request.target.segments) \(items) \(request.framing)")
                        body = BodyDecoder(request.framing)
                    } else {
                        break
                    }
                }
            }
        } catch {
            outcome.isRefused = true
        }
        return outcome
    }

    private static func readResponse(_ pieces: [ArraySlice<UInt8>], _ method: HTTPMethod) -> Outcome {
        var outcome = Outcome()
        var parser = HTTPResponseParser(to: method)
        var body: BodyDecoder?
        var input = InputBuffer()
        do {
            for piece in pieces {
                input.append(piece)
                if outcome.heads.isEmpty, let head = try parser.parse(&input) {
                    outcome.heads.append("\(head)")
                    body = BodyDecoder(head.framing)
                }
                while try read(&body, &input, &outcome) {}
            }
            _ = body?.finish()
        } catch {
            outcome.isRefused = true
        }
        return outcome
    }

    /// The next of a body; false where there is nothing more to read now.
    private static func read(
        _ body: inout BodyDecoder?, _ input: inout InputBuffer, _ outcome: inout Outcome
    ) throws(HTTPRefusal) -> Bool {
        switch try body?.next(&input) {
        case .bytes(let octets): outcome.content += octets
        case .end:
            body = nil
            return true
        case nil: return false
        }
        return true
    }
}
