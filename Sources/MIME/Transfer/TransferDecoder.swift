/// Undoes a Content-Transfer-Encoding piece by piece, so that an attachment of any size passes in constant memory.
package struct TransferDecoder: Sendable {
    package let encoding: TransferEncoding
    package private(set) var problem: MIMEProblem?

    package init(_ encoding: TransferEncoding) { self.encoding = encoding }

    /// Appends to `output` what can be decoded now.
    package mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {}

    package mutating func decode(_ chunk: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        decode(chunk.span, into: &output)
        return output
    }

    /// What was still waiting for more input.
    package mutating func finish() -> [UInt8] { [] }
}
