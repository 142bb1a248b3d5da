/// What one submission may be.
enum Limits {
    /// Recipients of one submission; more are for a list server or for several submissions.
    static let recipients = 1000
    /// Octets of a message handed over as `message/rfc822` or composed.
    static let messageOctets = 64 << 20
    /// Submissions that one worker delivers at the same time.
    static let concurrentDeliveries = 32
    /// Deliveries of one account at the same time; more wait behind the others' mail.
    static let deliveriesPerAccount = 2
    /// How long one attempt may take, transfer included.
    static let deliveryTime = Duration.seconds(1200)
    /// How long a claimed row stays ours without a word; longer than an attempt may take.
    static let lease = Duration.seconds(1800)
    /// How long an outcome is tried to be written down where the store is away, and the pause between two attempts.
    static let insistence = Duration.seconds(600)
    static let insistencePause = Duration.seconds(1)
    /// How often the queue is looked at when nobody rings.
    static let pollInterval = Duration.seconds(5)
    /// How often claims that outlived their lease are looked for.
    static let recoveryInterval = Duration.seconds(60)
}
