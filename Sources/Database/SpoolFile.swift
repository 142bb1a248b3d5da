import Glibc

/// A file without a name, for what is too large to be held: gone with the last who uses it, however that ends.
package final class SpoolFile: Sendable {
    private let descriptor: CInt

    /// In this folder, which need not be on the same file system as anything else.
    package init(in folder: String) throws(DatabaseError) {
        // The name goes at once, so that no crash leaves a file behind.
        let path = "\(folder)/.spool-\(UInt64.random(in: 0 ... .max))"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { unsafe unlink(path) }
        guard descriptor >= 0 else {
            throw .unavailable("cannot make a file in \(folder): \(PrivateFile.reason(errno))")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    package func write(_ octets: [UInt8], at offset: Int) throws(DatabaseError) {
        var written = 0
        while written < octets.count {
            let rest = Array(octets[written...])
            let count = unsafe pwrite(descriptor, rest, rest.count, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if errno == ENOSPC || errno == EDQUOT { throw .full }
                throw .io("cannot keep a request body: \(PrivateFile.reason(errno))")
            }
            written += count
        }
    }

    /// At most `count` octets; none behind the end.
    package func read(_ count: Int, at offset: Int) throws(DatabaseError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        while true {
            let read = unsafe pread(descriptor, &buffer, count, off_t(offset))
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .io("cannot read a request body again: \(PrivateFile.reason(errno))") }
            buffer.removeLast(count - read)
            return buffer
        }
    }
}
