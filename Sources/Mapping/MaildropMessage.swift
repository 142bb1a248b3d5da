import MIME
package import Model

/// A message as its header alone tells of it: what POP3's TOP gives.
package enum MaildropMessage {
    /// The summary of a message of a maildrop.
    ///
    /// POP3 does not tell when a message arrived: the newest Received field does, else Date, else when we saw it. Whether there are attachments
    /// the top type tells as well as it can; `Summary.fill(_:from:)` with the parts is exact.
    package static func make(
        header: [UInt8], size: Int, keywords: [String], place: MessagePlace, seenAt: Timestamp
    ) -> Message {
        let headers = Headers(parsing: header)
        let told = arrival(headers) ?? headers.date.map { Timestamp(milliseconds: $0.millisecondsSinceEpoch) }
        var message = Message(
            id: EmailID(rawValue: ""), mailboxIDs: [place.mailbox], keywords: keywords, size: size,
            receivedAt: told ?? Timestamp(milliseconds: 0))
        Summary.fill(&message, from: headers)
        let type = headers.contentType
        message.hasAttachment = type.map { $0.mediaType == "multipart/mixed" || !holdsText($0) } ?? false
        message.problems = headers.problems.map(\.rawValue).sorted()
        // The moment at which we looked is no part of what a message is.
        let identity = MessageIdentity(of: message, nil)
        message.receivedAt = told ?? seenAt
        message.place = place
        message.identity = identity
        message.id = identity.email
        message.threadID = identity.thread.thread
        return message
    }

    /// A message whose header the server does not give: the `name` tells it from others of its size.
    package static func make(unread name: String, size: Int, place: MessagePlace, seenAt: Timestamp) -> Message {
        var message = make(header: [], size: size, keywords: [], place: place, seenAt: seenAt)
        let digest = Fingerprint.digest(["unread", name, String(size)])
        let thread = ThreadID(rawValue: "R" + digest)
        message.identity = MessageIdentity(
            email: EmailID(rawValue: digest), thread: .references([], fallback: thread))
        message.id = EmailID(rawValue: digest)
        message.threadID = thread
        message.problems = ["unreadable-header"]
        return message
    }

    /// The id that a message says itself.
    package static func email(header: [UInt8], size: Int) -> EmailID {
        let place = MessagePlace(mailbox: MailboxID(rawValue: ""), uidValidity: 0, uid: 0)
        return make(header: header, size: size, keywords: [], place: place, seenAt: Timestamp(milliseconds: 0)).id
    }

    /// When the receiving server took it, where it says so in a Received field (RFC 5321, 4.4).
    package static func arrival(header: [UInt8]) -> Timestamp? { arrival(Headers(parsing: header)) }

    private static func arrival(_ headers: Headers) -> Timestamp? {
        guard let field = headers.first("Received"), let end = field.rawValue.lastIndex(of: UInt8(ascii: ";")),
            let date = MessageDate(parsing: Array(field.rawValue[(end + 1)...]))
        else { return nil }
        return Timestamp(milliseconds: date.millisecondsSinceEpoch)
    }

    /// A hash of what no server changes in a header: by it a message is known again whose unique id is another, or was given to
    /// another message.
    ///
    /// Not of the whole header: servers write Status, X-UIDL and the like into it as they go.
    package static func fingerprint(header: [UInt8]) -> String {
        // TOP and the message itself are read up to different limits: what lies behind both is no part of it.
        let headers = Headers(parsing: Array(header.prefix(Limits.fingerprintOctets)))
        let names = ["Message-ID", "Date", "From", "To", "Subject", "Received"]
        return Fingerprint.digest(
            names.flatMap { name in
                [name]
                    + headers.all(name).map { field in
                        String(decoding: field.rawValue.filter { $0 > 0x20 }, as: UTF8.self)
                    }
            })
    }

    private static func holdsText(_ type: ContentType) -> Bool {
        type.type == "text"
            || ["multipart/alternative", "multipart/related", "multipart/report", "multipart/signed"]
                .contains(type.mediaType)
    }
}
