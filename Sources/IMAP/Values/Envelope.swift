/// ENVELOPE of RFC 9051, 7.5.2: the server's view of a message's header.
///
/// Encoded words are left as they are.
package struct Envelope: Sendable, Equatable {
    package var date: String?
    package var subject: String?
    package var from: [EnvelopeAddress] = []
    package var sender: [EnvelopeAddress] = []
    package var replyTo: [EnvelopeAddress] = []
    package var to: [EnvelopeAddress] = []
    package var cc: [EnvelopeAddress] = []
    package var bcc: [EnvelopeAddress] = []
    package var inReplyTo: String?
    package var messageID: String?

    package init() {}
}

/// An address of an ENVELOPE.
///
/// With `host` nil it opens a group of the name `mailbox`, or closes it where that is nil too.
package struct EnvelopeAddress: Sendable, Hashable {
    package var name: String?
    package var mailbox: String?
    package var host: String?

    package init(name: String?, mailbox: String?, host: String?) {
        self.name = name
        self.mailbox = mailbox
        self.host = host
    }
}
