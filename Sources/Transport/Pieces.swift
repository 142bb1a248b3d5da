internal import Glibc

/// Arrays that are written as if they were one, and how far that is done.
struct Pieces {
    private let pieces: [[UInt8]]
    private var index = 0
    private var offset = 0

    init(_ pieces: [[UInt8]]) {
        self.pieces = pieces
        skipEmpty()
    }

    var isAtEnd: Bool { index == pieces.count }

    mutating func advance(by count: Int) {
        var count = count
        while count > 0, index < pieces.count {
            let step = min(count, pieces[index].count - offset)
            offset += step
            count -= step
            skipEmpty()
        }
    }

    private mutating func skipEmpty() {
        while index < pieces.count, offset == pieces[index].count {
            index += 1
            offset = 0
        }
    }

    /// Copies what comes next until `room` is full; says how many octets that were.
    func copy(to room: UnsafeMutableRawBufferPointer) -> Int {
        var rest = self
        var filled = 0
        while filled < room.count, !rest.isAtEnd {
            let piece = rest.pieces[rest.index][rest.offset...].prefix(room.count - filled)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyBytes(from: piece)
            filled += piece.count
            rest.advance(by: piece.count)
        }
        return filled
    }

    /// Lends the next pieces as the kernel wants them, without copying.
    func withVectors<Result>(_ body: (UnsafeMutableBufferPointer<iovec>) -> Result) -> Result {
        unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: Limits.piecesPerWrite) { vectors in
            unsafe lend(index, offset, vectors, count: 0, body)
        }
    }

    private func lend<Result>(
        _ index: Int, _ offset: Int, _ vectors: UnsafeMutableBufferPointer<iovec>, count: Int,
        _ body: (UnsafeMutableBufferPointer<iovec>) -> Result
    ) -> Result {
        guard index < pieces.count, count < vectors.count else {
            return unsafe body(UnsafeMutableBufferPointer(rebasing: vectors[..<count]))
        }
        return unsafe pieces[index].withUnsafeBytes { bytes in
            // `sendmsg` only reads; the field is not const because `recvmsg` shares it.
            let rest = unsafe UnsafeMutableRawBufferPointer(
                mutating: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            unsafe vectors[count] = iovec(iov_base: rest.baseAddress, iov_len: rest.count)
            return unsafe lend(index + 1, 0, vectors, count: count + 1, body)
        }
    }
}
