import Glibc

/// Small files that only their owner may read: a key, an empty database.
package enum PrivateFile {
    /// Makes an empty file (mode 0600) where there is none; SQLite gives its log files the same mode.
    package static func createEmpty(_ path: String) throws(DatabaseError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unavailable("cannot open \(path): \(reason(errno))") }
        close(descriptor)
    }

    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The content of a small file; nil where there is none.
    package static func read(_ path: String) throws(DatabaseError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw .unavailable("cannot read \(path): \(reason(errno))") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: Limits.privateFileOctets)
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw .io("cannot read \(path): \(reason(errno))") }
        return Array(buffer.prefix(count))
    }

    /// Writes a new file, mode 0600, synced; false where one of this name exists already.
    ///
    /// It is written under another name and then linked, so that no crash leaves half a key behind, and of two processes one wins.
    package static func create(_ path: String, content: [UInt8]) throws(DatabaseError) -> Bool {
        let draft = "\(path).\(getpid())"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unavailable("cannot create \(draft): \(reason(errno))") }
        defer {
            close(descriptor)
            unsafe unlink(draft)
        }
        let count = unsafe write(descriptor, content, content.count)
        guard count == content.count, fsync(descriptor) == 0 else {
            throw .io("cannot write \(draft): \(reason(errno))")
        }
        guard unsafe link(draft, path) == 0 else {
            if errno == EEXIST { return false }
            throw .io("cannot create \(path): \(reason(errno))")
        }
        syncFolder(of: path)
        return true
    }

    /// Makes the new name itself durable.
    private static func syncFolder(of path: String) {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func reason(_ code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        let octets = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: octets, as: UTF8.self)
    }
}
