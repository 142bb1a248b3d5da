internal import CZlib
package import Wire

/// What is wrong with a compressed stream.
package enum DeflateError: Error, Equatable, Sendable {
    /// The octets are no DEFLATE stream (RFC 1951).
    case corrupt
    case outOfMemory
}

/// Undoes raw DEFLATE of one direction of a connection, some octets at a time (RFC 4978).
///
/// What comes out at once is bounded by the caller, so that a few octets which stand for gigabytes cost no memory; what
/// is in excess stays compressed. Costs about 40 kB while it lives.
@safe package final class Inflater {
    /// At an address of its own: zlib remembers where it is.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var hasEnded = false
    /// There may be more output without more input.
    private var hasOutputLeft = false

    package init() throws(DeflateError) {
        unsafe stream.initialize(to: z_stream())
        guard unsafe mb_inflate_init(stream, -Self.windowBits) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Moves at most `limit` octets into `output`, and takes out of `input` what made them; 0 means that more input is needed.
    package func inflate(_ input: inout InputBuffer, into output: inout InputBuffer, limit: Int) throws(DeflateError)
        -> Int
    {
        guard !input.isEmpty || hasOutputLeft, !hasEnded else {
            if hasEnded, !input.isEmpty { throw .corrupt }
            return 0
        }
        var code = Z_OK
        var consumed = 0
        var produced = 0
        let room = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            unsafe input.span.withUnsafeBufferPointer { bytes in
                unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: bytes.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(clamping: bytes.count)
                let offered = unsafe stream.pointee.avail_in
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(clamping: limit)
                code = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                consumed = Int(unsafe offered - stream.pointee.avail_in)
                produced = limit - Int(unsafe stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
            count = produced
        }
        input.consume(consumed)
        switch code {
        case Z_OK, Z_BUF_ERROR: hasOutputLeft = produced == limit
        case Z_STREAM_END: hasEnded = true
        case Z_MEM_ERROR: throw .outOfMemory
        default: throw .corrupt
        }
        output.append(room)
        return produced
    }

    /// Any peer's window fits.
    private static let windowBits: Int32 = 15
}

/// Makes raw DEFLATE of one direction of a connection; all that goes in can be read by the peer at once.
///
/// Commands are short: a window of 4 kB is plenty, and costs 24 kB instead of 256.
@safe package final class Deflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    package init() throws(DeflateError) {
        unsafe stream.initialize(to: z_stream())
        guard unsafe mb_deflate_init(stream, 6, -12, 5) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    package func deflate(_ bytes: [UInt8]) throws(DeflateError) -> [UInt8] {
        var result: [UInt8] = []
        var offset = 0
        var isDone = bytes.isEmpty
        while !isDone {
            var code = Z_OK
            let room = Self.step
            result += unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                unsafe bytes.withUnsafeBufferPointer { input in
                    let rest = unsafe UnsafeBufferPointer(rebasing: input[offset...])
                    unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: rest.baseAddress)
                    unsafe stream.pointee.avail_in = UInt32(clamping: rest.count)
                    let offered = unsafe stream.pointee.avail_in
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room)
                    code = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                    offset += Int(unsafe offered - stream.pointee.avail_in)
                    // Room left over says that nothing is held back (zlib.h).
                    isDone = unsafe stream.pointee.avail_out > 0
                    count = room - Int(unsafe stream.pointee.avail_out)
                    unsafe stream.pointee.next_in = nil
                    unsafe stream.pointee.next_out = nil
                }
            }
            guard code == Z_OK || code == Z_BUF_ERROR else { throw .outOfMemory }
        }
        return result
    }

    private static let step = 16 * 1024
}
