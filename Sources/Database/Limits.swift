/// Every bound of this target.
enum Limits {
    /// Waiting writes that share one transaction, and so one fsync.
    static let writesPerTransaction = 256
    /// Connections that read at the same time.
    static let readers = 4
    /// Seconds to wait for another program (a backup, the sqlite3 shell) that holds the file's own lock.
    static let busySeconds = 5.0
    /// Octets to which the write-ahead log is cut back after a checkpoint.
    static let walOctets = 64 << 20
    /// Octets of a private file (a key) that are read at most.
    static let privateFileOctets = 4096
}
