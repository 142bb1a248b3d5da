/// What a server may make us hold.
package enum POP3Limits {
    /// One status line; 512 in RFC 2449, more here for the SASL challenges of RFC 5034.
    package static let maximumReplyOctets = 16_384
    /// Lines and octets of an answer to CAPA.
    package static let maximumCapabilityLines = 256
    package static let maximumCapabilityOctets = 32_768
    /// Messages in a maildrop; larger ones are refused rather than read in part.
    package static let maximumMessages = 500_000
    /// One line of LIST or UIDL.
    package static let maximumListingLineOctets = 1_024
    /// A unique id: 70 in RFC 1939; servers with longer ones exist.
    package static let maximumUniqueIDOctets = 255
    /// A timestamp in a greeting.
    package static let maximumTimestampOctets = 256
    /// The line of a command; RFC 5034 has 255 for what AUTH sends along.
    package static let maximumCommandOctets = 255
    /// Commands sent before the first of them is answered: their replies must fit in buffers while we still write.
    package static let maximumPipelinedCommands = 100
}
