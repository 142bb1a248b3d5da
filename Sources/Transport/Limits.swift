/// What this target spends at most, in one place.
enum Limits {
    /// Jobs that run before the loop looks at its sockets again.
    static let jobsPerTurn = 512
    /// Events taken from the kernel at once.
    static let eventsPerTurn = 256
    /// Octets a stream may move in one turn of its loop before it lets the others run.
    static let octetsPerTurn = 256 * 1024
    /// Operations a stream may finish without suspending before it lets the others run.
    static let operationsPerTurn = 32
    /// The loop's shared buffer: the most that one receive call brings, and the most that small writes are gathered into.
    static let scratchSize = 64 * 1024
    /// Pieces handed to the kernel in one vectored write.
    static let piecesPerWrite = 16
    /// Plaintext of one TLS record (RFC 8446, 5.1).
    static let tlsRecordSize = 16 * 1024
    /// Threads for calls that block, such as name resolution.
    static let resolverThreads = 16
    /// Threads for work that would hold a loop too long.
    static let workThreads = 4
    /// Blocking calls that wait for a thread; more are refused.
    static let waitingBlockingCalls = 16_384
    /// A pool thread that had nothing to do for so long ends.
    static let idleThreadMilliseconds: Int32 = 10_000
    /// Addresses of one host that are tried.
    static let addressesPerHost = 16
    /// Octets and records of a name server's answer.
    static let dnsOctets = 16 * 1024
    static let dnsRecords = 64
    /// RFC 8305, 5: "Connection Attempt Delay".
    static let connectionAttemptDelay = Duration.milliseconds(250)
    /// Accepting pauses for so long when the process is out of descriptors or memory.
    static let acceptBackOff = Duration.milliseconds(100)
    /// Remembered TLS sessions of one client context; the least recently used goes first.
    static let rememberedSessions = 1024
    /// A serialised TLS session that is larger is not remembered (tickets are chosen by the server).
    static let sessionSize = 16 * 1024
    /// Client TLS contexts kept for equal configurations; one holds a parsed trust store (about 1 MB).
    static let sharedContexts = 64
    /// PEM input that is larger is refused.
    static let pemSize = 4 * 1024 * 1024
    /// Keep-alive probing: idle seconds, interval seconds, probes.
    ///
    /// A dead peer is noticed within about two minutes.
    static let keepAlive: (idle: Int32, interval: Int32, count: Int32) = (60, 20, 3)
}
