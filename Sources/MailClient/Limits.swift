/// What this target spends at most, in one place.
enum Limits {
    /// Octets of a command handed to the kernel at a time.
    static let writeChunk = 64 * 1024
    /// How long a server may take no octet of a command.
    static let writePatience = Duration.seconds(30)
    /// How long a server may be silent in the midst of a literal.
    static let readPatience = Duration.seconds(60)
    /// Octets that are decompressed at a time, whatever they were compressed from.
    static let inflatedChunk = 64 * 1024
    /// An IDLE is ended and begun anew after so long: servers may log out who is silent for 30 minutes (RFC 9051, 5.4).
    static let idleRenewal = Duration.seconds(28 * 60)
    /// How often a server without IDLE is asked for news.
    static let pollInterval = Duration.seconds(60)
    /// IDLEs in a row that a server may end at once by itself before it is asked by NOOP instead.
    static let refusedIdles = 3
    /// For dialling, TLS and login of a watching session.
    static let connectTime = Duration.seconds(30)
    /// Connections to one host that are being made at the same time, over all accounts.
    static let connectsPerHost = 8
    /// The same where the host takes them well.
    static let mostConnectsPerHost = 256
    /// A connect that takes so many times as long as the quickest shows a host at its limit, unless it is quick all the same.
    static let connectSlowdown = 4
    static let quickConnect = Duration.milliseconds(100)
    /// The most that a connect waits on purpose, so that many accounts do not move in step.
    static let connectJitter = Duration.milliseconds(200)
    /// Requests that may share a session, where all sessions are in use.
    static let sharers = 4
    /// Requests that wait for a session of one account; more are refused.
    static let waitingRequests = 1_024
    /// Commands spent on messages that the server cannot give as asked, for one page.
    static let repairCommands = 100
    /// Octets of a message read for its header and parts where the server does not tell its structure; for a page of them.
    static let repairedOctets = 256 << 10
    static let repairedHeaderOctets = 64 << 10
    /// How long a POP3 server may be silent in the midst of an answer.
    static let maildropPatience = Duration.seconds(60)
    /// How long QUIT is waited for: a server may remove thousands of messages in it.
    static let quitTime = Duration.seconds(60)
    /// A POP3 session that was kept for somebody who does not come ends after so long.
    static let handOverTime = Duration.seconds(5)
    /// Messages whose headers a server with TOP does not give, that are asked for whole instead.
    static let headersByRetrieval = 16
    /// Headers of a maildrop that are held at a time where only their hashes are wanted.
    static let hashedHeaders = 100
    /// Octets of a header that are kept.
    static let maildropHeaderOctets = 256 << 10
    /// Octets of what tells the parts of a message that is not held whole.
    static let skeletonOctets = 4 << 20
    /// What a server that is only probed may say.
    static let probedLines = 64
    static let probedOctets = 4_096
}
