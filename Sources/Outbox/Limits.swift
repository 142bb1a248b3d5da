/// What one submission may be.
enum Limits {
    /// Recipients of one submission; more are for a list server or for several submissions.
    static let recipients = 1000
    /// Octets of a message handed over as `message/rfc822` or composed.
    static let messageOctets = 64 << 20
    /// Octets of the header of a message handed over as `message/rfc822`.
    static let headerOctets = 1 << 20
    /// RFC 5322, section 2.1.1, without the CRLF.
    static let lineOctets = 998
    /// Octets of a subject or body that a template and its values make.
    static let filledTemplate = 8 << 20
    /// Tries to merge a change into a template that others change too.
    static let mergeAttempts = 10
    /// Octets of a batch's messages that are held until all are stored; what is more waits in the store.
    static let heldByBatch = 8 << 20
    /// Octets of a message that are read, or written, at once.
    static let piece = 64 << 10
    /// Submissions that one worker delivers at the same time.
    static let concurrentDeliveries = 32
    /// Deliveries of one account at the same time; more wait behind the others' mail.
    static let deliveriesPerAccount = 2
    /// How long one attempt may take, transfer included.
    static let deliveryTime = Duration.seconds(1200)
    /// How long a claimed row stays ours without a word; longer than an attempt may take.
    static let lease = Duration.seconds(1800)
    /// How often the queue is looked at when nobody rings.
    static let pollInterval = Duration.seconds(5)
    /// How often claims that outlived their lease are looked for.
    static let recoveryInterval = Duration.seconds(60)
    /// Events that one look at the log takes for what became of sent mail.
    static let outcomePage = 200
    /// Reports that are read, and originals that are marked, at the same time.
    static let concurrentOutcomes = 8
    /// How long one of them may take, and when it is given to somebody else.
    static let outcomeTime = Duration.seconds(60)
    static let outcomeLease = Duration.seconds(120)
    /// Octets of a message in which its report is looked for.
    static let reportOctets = 256 << 10
    /// Message-IDs that a message names, the last ones, which are compared with those of submissions.
    static let answeredIDs = 20
}
