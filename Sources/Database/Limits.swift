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

    // PostgreSQL.
    /// Statements that one session keeps prepared; each costs the server some kilobytes.
    static let preparedStatements = 200
    /// Octets of a statement that is worth keeping: larger ones are lists whose length is seldom the same again.
    static let preparedOctets = 4096
    /// Writes that one transaction takes, and how long it may go on to take more.
    static let writesPerGroup = 64
    static let groupTime = Duration.milliseconds(20)
    /// Attempts of one transaction that others were in the way of.
    static let transactionAttempts = 20
    /// How long work waits for a database that is away, and for one attempt to connect.
    static let reconnectPatience = Duration.seconds(5)
    static let connectTime = Duration.seconds(5)
    /// How long the outcome of a commit is asked for that was not answered.
    static let doubtPatience = Duration.seconds(30)
    /// Waits between attempts to connect: doubled each time, up to the longest.
    static let shortestReconnectWait = Duration.milliseconds(50)
    static let longestReconnectWait = Duration.seconds(2)
    /// A statement without an answer for so long has lost its connection; longer than the server's own limit for one.
    static let statementTime = Duration.seconds(40)
    /// How often a quiet line is tried, and how long it may be silent.
    static let pulseInterval = Duration.seconds(2)
    static let silence = Duration.seconds(5)
    /// A connection that nobody wanted for so long is closed.
    static let idleConnection = Duration.seconds(60)
}
