import Wire

/// A whole text decoded at once: here, unlike in a stream, all of it can be looked at before the charset is guessed.
struct DecodedText {
    var text: String
    var problem: MIMEProblem?

    init(_ bytes: Span<UInt8>, charset label: String?) {
        let charset = Charset(label: label)
        if charset == .detect || charset == .unknown || charset == .utf8 {
            problem = charset == .unknown ? .unknownCharset : nil
            if let valid = ByteCursor(bytes).utf8(0..<bytes.count) {
                text = valid
                return
            }
            problem = problem ?? .undecodableText
            if charset != .utf8 {
                var output: [UInt8] = []
                Windows1252.decode(bytes, into: &output)
                text = String(decoding: output, as: UTF8.self)
                return
            }
        }
        var decoder = CharsetDecoder(label: label)
        var output: [UInt8] = []
        decoder.decode(bytes, into: &output)
        output.append(contentsOf: decoder.finish())
        text = String(decoding: output, as: UTF8.self)
        problem = decoder.problem
    }
}
