/// Every bound that the API itself sets.
enum Limits {
    /// How long the servers of an address are looked for while a person waits.
    static let pageDiscovery = Duration.seconds(20)
    /// Faults listed in one problem document.
    static let faults = 100
    /// Octets of a name, a user name, a subject filter or the like.
    static let line = 4096
    /// Octets of certificates or a key in PEM, and of a refresh token.
    static let certificate = 256 * 1024
    static let token = 16 * 1024
    /// Octets of a body that an operation without one is sent.
    static let unwantedBody = 4096
    /// Items of a list that does not say how many.
    static let defaultPage = 50
    static let maximumPage = 500
    /// Seconds for which a request waits for mail servers.
    static let defaultWait = 30
    static let maximumWait = 300
    /// Seconds for which a request waits for an event.
    static let maximumPoll = 60
    /// Events that a stream reads from the log at once: at first, and at most.
    static let firstStreamPage = 8
    static let streamPage = 64
    /// Octets of a page above which the next one has fewer events.
    static let streamPageOctets = 256 * 1024
    /// Octets of a stream that go out as one piece.
    static let streamPiece = 64 * 1024
    /// Messages of one batch.
    static let batch = 10_000
    /// Characters of an `Idempotency-Key`.
    static let idempotencyKey = 255
    /// Octets of the form on the page that connects a mailbox, and how often a minute it may be sent.
    static let pageForm = 16 * 1024
    static let pageSubmits = 20
    /// Tokens and accounts whose requests are counted.
    static let rateBuckets = 50_000
    /// Octets of a bearer token; ours have far fewer, signed ones of identity providers may be long.
    static let bearer = 8192
    /// Requests a minute that a token may be limited to.
    static let rateLimit = 1_000_000
    /// Octets of JSON above which a body is not read on the event loop.
    static let inlineBody = 128 * 1024
    /// Seconds of validity of a token: ten years.
    static let tokenLifetime = 315_360_000
    /// Seconds of validity of a link to an attachment: a week at most.
    static let linkLifetime = 604_800
    static let defaultLinkLifetime = 3_600
    /// Seconds for which the images of a safe html body can be loaded.
    static let imageLinkLifetime = 86_400
    /// Nested operators of a search filter, and all its operators and conditions.
    static let filterDepth = 10
    static let filterConditions = 100
    /// The largest size of a message that a filter can name; IMAP's numbers end there.
    static let messageSize = 4_294_967_294
    /// Octets of a template's body, and of one value.
    static let templateText = 1 << 20
    /// Objects inside each other among a template's values.
    static let valueDepth = 8
    /// Messages of one batch of submissions.
    static let submissions = 1_000
    /// Octets of the JSON part of a form.
    static let formMessage = 4 << 20
    /// Octets read at once of a body that lies in a file.
    static let spoolPiece = 64 << 10
}
