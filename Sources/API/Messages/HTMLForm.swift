package import Model
package import SafeHTML

/// How `getMessage` gives the html body.
package enum HTMLForm: String, Sendable {
    /// As the sender wrote it: hostile.
    case original
    /// Without script, form, event handler or remote load.
    case safe

    /// Reads `html`; safe is what one gets who does not ask.
    package init(_ query: Query, _ faults: FaultCollector) {
        guard let text = query["html"] else {
            self = .safe
            return
        }
        if let form = HTMLForm(rawValue: text) {
            self = form
        } else {
            self = .safe
            faults.add(RequestFault(.parameter("html"), "must be safe or original"))
        }
    }

    /// The message with its html in this form, and how many remote loads that took out.
    ///
    /// What cannot be made safe is not shown: `html` then is null, and `problems` says why.
    package func apply(
        to message: Message, of account: AccountID, links: LinkSigner, sanitize: HTMLSanitizer
    ) async throws -> (message: Message, blockedRemote: Int) {
        guard self == .safe, let html = message.html else { return (message, 0) }
        var message = message
        if html.utf8.count > SafeHTML.maximumInput { message.isTruncated = true }
        guard let safe = try await sanitize(html, message.imageLinks(of: account, links)) else {
            message.html = nil
            message.problems.append("html-too-complex")
            return (message, 0)
        }
        message.html = safe.html
        return (message, safe.blockedRemote)
    }
}

/// Makes html safe, somewhere else than on the event loop; `addresses` are those of the message's parts by Content-ID.
package typealias HTMLSanitizer =
    @Sendable (_ html: String, _ addresses: [String: String]) async throws -> SafeHTML?

extension Message {
    /// Signed links to the images that the html body names as `cid:`; the first of equal Content-IDs counts.
    fileprivate func imageLinks(of account: AccountID, _ links: LinkSigner) -> [String: String] {
        var addresses: [String: String] = [:]
        // The same for an hour, so that a browser that shows the message again has its images already.
        let hour = links.now().milliseconds / 3_600_000 * 3_600
        let end = Timestamp(milliseconds: (hour + Int64(Limits.imageLinkLifetime)) * 1_000)
        for attachment in attachments {
            guard let id = attachment.contentID, addresses[id] == nil else { continue }
            addresses[id] = links.url(
                of: AttachmentLink(
                    account: account, message: self.id, attachment: attachment.id, disposition: .inline, expiresAt: end)
            )
        }
        return addresses
    }

    /// Whether the safe form of its html names links, which expire while the message stays the same.
    var hasImageLinks: Bool { html != nil && attachments.contains { $0.contentID != nil } }
}
