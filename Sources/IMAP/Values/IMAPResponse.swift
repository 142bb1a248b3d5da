package import Wire

/// One complete response of a server.
package enum IMAPResponse: Sendable, Equatable {
    case tagged(tag: String, condition: ResponseCondition, text: ResponseText)
    case untagged(UntaggedResponse)
    /// `+ text`: the octets after the plus, for SASL base64.
    case continuation([UInt8])
}

/// A response that starts with `*`.
package enum UntaggedResponse: Sendable, Equatable {
    case condition(ResponseCondition, ResponseText)
    case capability(CapabilitySet)
    case enabled([Capability])
    case list(MailboxListing)
    case lsub(MailboxListing)
    case status(MailboxName, MailboxStatus)
    case flags([Flag])
    case search(SearchResult)
    /// Numbers in the order that was asked for.
    case sort([UInt32])
    /// The members of each conversation; how they answer each other is not kept.
    case thread([[UInt32]])
    case exists(UInt32)
    case recent(UInt32)
    case expunge(UInt32)
    case vanished(earlier: Bool, UIDSet)
    case fetch(FetchedMessage)
    case namespace(Namespaces)
    case id([String: String])
    case quota(Quota)
    /// The names of the roots that count for the mailbox.
    case quotaRoot(MailboxName, [String])
    case myRights(MailboxName, MailboxRights)
    /// A response we do not know, its octets without the line end.
    case unknown([UInt8])
    /// A response we know, in a shape that we do not.
    case malformed([UInt8], SyntaxError)
}
