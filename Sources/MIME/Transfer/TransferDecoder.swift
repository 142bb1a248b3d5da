import Wire

/// Undoes a Content-Transfer-Encoding piece by piece, so that an attachment of any size passes in constant memory.
package struct TransferDecoder: Sendable {
    private enum Mode: Sendable {
        case identity
        case base64(Base64Decoder)
        case quotedPrintable(QuotedPrintableDecoder)
        case uuencode(UUDecoder)
    }

    package let encoding: TransferEncoding
    private var mode: Mode

    package init(_ encoding: TransferEncoding) {
        self.encoding = encoding
        mode =
            switch encoding {
            case .sevenBit, .eightBit, .binary, .unknown: .identity
            case .base64: .base64(Base64Decoder())
            case .quotedPrintable: .quotedPrintable(QuotedPrintableDecoder())
            case .uuencode: .uuencode(UUDecoder())
            }
    }

    /// What was wrong so far.
    package var problem: MIMEProblem? {
        switch mode {
        case .identity: encoding == .unknown ? .unknownTransferEncoding : nil
        case .base64(let decoder): decoder.isMalformed ? .malformedBase64 : nil
        case .quotedPrintable(let decoder): decoder.isMalformed ? .malformedQuotedPrintable : nil
        case .uuencode(let decoder): decoder.isMalformed ? .malformedUUEncode : nil
        }
    }

    /// Appends to `output` what can be decoded now.
    package mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        switch mode {
        case .identity: output.append(contentsOf: ByteCursor(chunk).array(0..<chunk.count))
        case .base64(var decoder):
            decoder.decode(chunk, into: &output)
            mode = .base64(decoder)
        case .quotedPrintable(var decoder):
            decoder.decode(chunk, into: &output)
            mode = .quotedPrintable(decoder)
        case .uuencode(var decoder):
            decoder.decode(chunk, into: &output)
            mode = .uuencode(decoder)
        }
    }

    package mutating func decode(_ chunk: [UInt8]) -> [UInt8] {
        guard !encoding.isIdentity else { return chunk }
        var output: [UInt8] = []
        decode(chunk.span, into: &output)
        return output
    }

    /// What was still waiting for more input.
    package mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        switch mode {
        case .identity: break
        case .base64(var decoder):
            decoder.finish(into: &output)
            mode = .base64(decoder)
        case .quotedPrintable(var decoder):
            decoder.finish(into: &output)
            mode = .quotedPrintable(decoder)
        case .uuencode(var decoder):
            decoder.finish(into: &output)
            mode = .uuencode(decoder)
        }
        return output
    }
}
