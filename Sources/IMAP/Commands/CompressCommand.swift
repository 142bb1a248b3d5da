/// COMPRESS DEFLATE (RFC 4978): after its OK both directions are a raw DEFLATE stream.
package struct CompressCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "COMPRESS" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .compresses }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.compressDeflate) else { throw .unsupported(.compressDeflate) }
        encoder.raw("COMPRESS DEFLATE")
    }
}
