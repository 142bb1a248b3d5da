/// What one submission may be, and how much is under way at once.
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
    /// How far behind now `sendAt` may lie: clocks differ.
    static let lateness = Duration.seconds(300)
    /// Connections that deliver at the same time, over all accounts.
    static let deliveries = 600
    /// Accounts whose copies are made, or whose open questions are looked into, at the same time.
    static let copies = 64
    /// Connections to one server at the same time; Postfix allows a client 50 unless told.
    static let connectionsPerServer = 50
    /// Connections of one account to its server: what a busy queue grows to while nothing speaks against it.
    static let connectionsPerAccount = 10
    static let firstConnections = 2
    /// Messages in a row on one connection, after which it is replaced: servers dislike endless ones.
    static let messagesPerConnection = 200
    /// Messages of one connection whose outcome a crash may leave open, once it runs well; one until then.
    static let messagesInDoubt = 4
    /// Messages in a row that make a connection one that runs well.
    static let steadyMessages = 32
    /// Rows of one account that a turn takes, and those of all together.
    static let claim = 8
    static let largestClaim = 100
    static let claimsPerTurn = 500
    /// Rows of an account whose server is in trouble that are taken, and put off together, with one try.
    static let probingClaim = 50
    /// How long opening a connection may take.
    static let openingTime = Duration.seconds(90)
    /// How long one attempt may take, transfer included.
    static let deliveryTime = Duration.seconds(1200)
    /// How long a claimed row stays ours without a word; longer than an attempt may take.
    static let lease = Duration.seconds(3600)
    /// How often the queue is looked at when nobody rings.
    static let pollInterval = Duration.seconds(5)
    /// How long a message waits that could not be read because the store did not answer.
    static let storePause = Duration.seconds(60)
    /// How often claims that outlived their lease are looked for.
    static let recoveryInterval = Duration.seconds(60)
    /// Recipients that are due so soon are tried along with those that are due now.
    static let mergedRecipients = Duration.seconds(30)
    /// Pauses of an account or server that cannot be reached, or wants to be left alone: the first, and the longest.
    static let firstPause = Duration.seconds(10)
    static let longestPause = Duration.seconds(300)
    /// The gap between an account's messages, once its server complained about their number: the first, and the longest.
    static let firstInterval = Duration.seconds(1)
    static let longestInterval = Duration.seconds(60)
    /// How long a message is held for its place in such a row; for a later one it goes back to the queue.
    static let longestHold = Duration.seconds(5)
    /// How long a message whose outcome is unknown is looked for in Sent.
    static let questionTime = Duration.seconds(3600)
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
