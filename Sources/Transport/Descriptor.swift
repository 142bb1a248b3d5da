internal import Glibc

/// A file descriptor with one owner, which closes it.
struct Descriptor: ~Copyable, Sendable {
    let raw: Int32

    init(_ raw: Int32, _ phase: TransportError.Phase) throws(TransportError) {
        guard raw >= 0 else { throw .from(errno: errno, phase) }
        self.raw = raw
    }

    /// Gives the number away: from now on somebody else closes it.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    deinit { Glibc.close(raw) }
}
