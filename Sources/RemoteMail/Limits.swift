/// How much is kept and read at once.
enum Limits {
    /// How long a list of mailboxes serves to find names; a miss asks the server at once.
    static let directoryAge = Duration.seconds(60)
    /// UID ranges in one command: 8,000 octets at most.
    static let rangesInCommand = 350
    /// Messages that one command of a batch changes; the answer names each twice.
    static let batchInCommand = 5000
    /// Octets of the name of a mailbox; file systems end there.
    static let mailboxName = 255
    /// Encoded octets read of each body part where the caller sets no limit.
    static let bodyOctets = 4 << 20
    /// Body parts joined into one text; what has more is a digest to be read raw.
    static let bodyParts = 50
    /// How long one download may take.
    static let transferTime = Duration.seconds(3600)
    /// Messages asked for at once where each is checked here after the server's search.
    static let searchBatch = 200
}
