/// Every bound of this target.
enum Limits {
    /// How long a server may take to end an IDLE or to answer a list of mailboxes.
    static let patience = Duration.seconds(30)
    static let shortestPatience = Duration.seconds(5)
    /// What a server may need between the two halves of a move.
    static let moveTime = Duration.milliseconds(200)
    /// How often everything is compared with the server, however quiet it is.
    static let reconcileInterval = Duration.seconds(15 * 60)
    /// For dialling, TLS, login and the wait for a turn: thousands of accounts may stand in line after a restart.
    static let connectTime = Duration.seconds(600)
    /// How long one look at a mailbox, or one batch of a backfill, may take.
    static let lookTime = Duration.seconds(120)
    /// New messages of one mailbox that one commit takes.
    static let messagesInLook = 500
    /// Messages that one batch of a backfill reads.
    static let backfillBatch = 2_000
    /// Mailboxes that are read for the first time at once, over all accounts: it is the machine that is spared.
    static let concurrentBackfills = 4
    /// Newest messages whose flags are compared where the server does not tell what changed.
    static let flagWindow = 1_000
    /// How often free accounts are looked for when nobody rings, and what a node has is compared with what the store says.
    static let lookInterval = Duration.seconds(5)
    static let comparison = Duration.seconds(30)
    /// Accounts taken in one transaction.
    static let accountsInClaim = 500
    /// How long one visit to a maildrop may take, waiting for its one session included; and how long that is held at a stretch while
    /// others wait.
    static let maildropTime = Duration.seconds(300)
    static let maildropTurn = Duration.seconds(20)
    /// Messages that one commit of a maildrop takes: new ones, which are read whole, and those that were there before.
    static let maildropNews = 100
    static let maildropBatch = 500
    /// The largest new message that is read for what its event shows besides the header, and how much of it is held.
    static let maildropReadNews = 64 << 20
    static let maildropHeldNews = 1 << 20
    /// How soon a maildrop is asked for again that somebody else has.
    static let busyMaildropPause = Duration.seconds(30)
    /// Waits between attempts to connect: doubled each time, up to the longest.
    static let shortestBackoff = Duration.seconds(1)
    static let longestBackoff = Duration.seconds(600)
    /// The same where the password was refused: servers lock accounts.
    static let refusalBackoff = Duration.seconds(300)
    static let longestRefusalBackoff = Duration.seconds(3600)
    /// A connection that lived shorter was no good one, whatever was waited before it.
    static let provenLife = Duration.seconds(20)
}
