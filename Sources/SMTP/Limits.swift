/// What a server may make us hold, and what we ask of one.
package enum SMTPLimits {
    /// One reply line; 512 in RFC 5321, more here for the 12,288-octet SASL challenges of RFC 4954.
    package static let maximumReplyLineOctets = 16_384
    package static let maximumReplyLines = 256
    package static let maximumReplyOctets = 65_536
    /// An address: twice the 256 of RFC 5321 section 4.5.3.1.3, because VERP and SRS addresses pass that.
    package static let maximumPathOctets = 512
    /// Commands in one pipelined group: their replies must fit in the socket's buffers while we still write (RFC 2920).
    package static let maximumPipelinedCommands = 100
    /// Recipients in one transaction; RFC 5321 promises 100, real servers take at most a few thousand.
    package static let maximumRecipients = 2_000
    /// From this size on a message goes out by BDAT where the server offers it: below, DATA costs no more and is tested more.
    package static let minimumChunkedOctets = 262_144
    /// BDAT commands without a reply: their replies must fit in the socket's buffers while we still write.
    package static let maximumOutstandingChunks = 8
}
