import MIME
import Model

extension OutgoingAttachment {
    /// `key` names the source where the octets are not in memory; without a source there is nothing to be had.
    init(_ attachment: SubmissionAttachment, key: Int, source: ContentSource?) {
        let label = attachment.type ?? source?.type
        let type = label.map { MediaLabel($0) }
        self.init(
            name: attachment.name ?? source?.name, type: type?.essence ?? "application/octet-stream",
            contentID: attachment.contentID, content: .source(key: "\(key)", size: 0))
        charset = type?.charset
        if case .bytes(let octets) = attachment.content { content = .bytes(octets) }
    }
}

/// A media type as a caller or a server writes it: the type, and of its parameters the charset.
private struct MediaLabel {
    var essence: String
    var charset: String?

    init(_ text: String) {
        let pieces = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        var type = pieces.first ?? ""
        while type.last == " " { type.removeLast() }
        essence = String(type)
        guard pieces.count == 2 else { return }
        charset = ContentType(parsing: Array(text.utf8))?.charset
    }
}
