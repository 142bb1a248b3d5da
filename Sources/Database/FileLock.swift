import Glibc
import Synchronization

/// An advisory lock on a file of its own, held as long as the process lives or until it is released.
///
/// `flock` belongs to the open file, so the kernel frees it when the process dies, however that happens; and not the
/// database file itself, because SQLite locks that one in its own way.
final class FileLock: Sendable {
    private let descriptor: Mutex<CInt>

    /// `subject` is what an operator knows and what the error names.
    init(path: String, guarding subject: String) throws(DatabaseError) {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw .unavailable("cannot open \(path): \(PrivateFile.reason(errno))")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(opened)
            if code == EWOULDBLOCK { throw .inUse(path: subject) }
            throw .unavailable("cannot lock \(path): \(PrivateFile.reason(code))")
        }
        descriptor = Mutex(opened)
    }

    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Not only closed: a child that is between fork and exec holds the same open file for a moment.
            _ = flock(descriptor, LOCK_UN)
            Glibc.close(descriptor)
            descriptor = -1
        }
    }

    deinit { release() }
}
