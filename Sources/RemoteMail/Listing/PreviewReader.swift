import IMAP
import MIME
import MailClient
import Mapping

/// First words of messages, read from the beginnings of their bodies where the server makes no previews (RFC 8970).
enum PreviewReader {
    /// What is fetched of many messages at once: mail of one kind has its text at the same place.
    private struct Beginning: Hashable {
        var path: [Int]
        var count: Int
    }

    static func previews(
        of messages: [(uid: UInt32, fetched: FetchedMessage)], in session: IMAPLease
    ) async throws -> [UInt32: String] {
        var wanted: [Beginning: [UInt32: PartNode]] = [:]
        for (uid, fetched) in messages {
            guard let structure = fetched.bodyStructure else { continue }
            let selection = BodySelection(PartTree.make(structure))
            let parts = selection.textBody + selection.htmlBody
            guard let part = parts.first(where: { $0.mediaType == "text/plain" || $0.mediaType == "text/html" }) else {
                continue
            }
            let count = part.mediaType == "text/html" ? Limits.previewHTML : Limits.previewText
            wanted[Beginning(path: part.path, count: count), default: [:]][uid] = part
        }
        var previews: [UInt32: String] = [:]
        for (beginning, parts) in wanted {
            let section = Section(part: beginning.path)
            let items: [FetchItem] = [.uid, .body(section, partial: 0..<UInt64(beginning.count))]
            // A message that the server cannot give has no preview, and the others have theirs.
            for fetched in try await TolerantFetch(session, items).messages(UIDSet(parts.keys)) {
                guard let uid = fetched.uid, let part = parts[uid], let bytes = fetched.bytes(of: section) else {
                    continue
                }
                let text = PartText(decoding: bytes, of: part).text
                previews[uid] = part.mediaType == "text/html" ? Preview.of(html: text) : Preview.of(text: text)
            }
        }
        return previews
    }
}
