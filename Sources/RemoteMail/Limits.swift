/// How much is kept and read at once.
enum Limits {
    /// The largest message whose signatures are verified, and how long their keys are asked for.
    static let verifiedOctets = 64 << 20
    static let keyLookups = Duration.seconds(10)
    /// Newest messages of a mailbox whose conversations are taken from the index.
    static let indexedThreadWindow = 50_000
    /// How often the index is asked for a message while the account is read for the first time.
    static let indexLook = Duration.milliseconds(100)
    /// How long a batch waits for messages that are not indexed yet.
    static let batchPatience = Duration.seconds(10)
    /// Pages of lists that are kept, messages and octets of each, and how long: 25 MB at most.
    static let listedPages = 100
    static let listedPage = 101
    static let listedPageOctets = 256 << 10
    static let listedPageAge = Duration.seconds(300)
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
    /// Messages of one mailbox looked at for one page; where more must be, the page is short and the next goes on.
    static let checkedMessages = 2_000
    /// The same for one batch, which works as long as its caller waits.
    static let batchCheckedMessages = 10_000
    /// Messages that may have come since the index was written, for it to give the order of a list.
    static let unindexedArrivals = 200
    /// Messages that are sorted here where the server cannot.
    static let locallySorted = 10_000
    /// Sort keys asked for at once.
    static let sortKeyBatch = 500
    /// Octets of a text by which messages are compared here.
    static let sortKeyOctets = 48
    /// Searches run besides the main one.
    static let separateSearches = 20
    /// Mailboxes of an account that are read at the same time.
    static let concurrentMailboxes = 4
    /// Newest messages of a mailbox that are read for their conversations where the index does not have them yet.
    static let threadWindow = 2_000
    /// Messages of one conversation that are shown.
    static let threadMessages = 500
    /// Octets read of a body for its first words.
    static let previewText = 2_048
    static let previewHTML = 16_384
    /// Octets of an upload read at once.
    static let uploadChunk = 64 << 10
    /// Octets of an upload's beginning in which its header must end to be read.
    static let uploadHead = 256 << 10
    /// The slowest server that an upload is waited for, in octets a second.
    static let uploadRate = 64 << 10
    /// Octets of a message of a maildrop that are held; of a larger one what tells its parts.
    static let heldContent = 8 << 20
    /// Messages of a maildrop that one page reads whole, and that are sorted by their headers.
    static let checkedContents = 200
    static let maildropSorted = 2_000
    /// The same where this one message is wanted.
    static let repairedWhole = 8 << 20
    /// The largest message whose attachments are given though the server does not tell where they are.
    static let repairedAttachments = 64 << 20
}
