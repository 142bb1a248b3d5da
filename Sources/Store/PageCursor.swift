package import Model
import Wire

/// Where a list goes on: the moment and id of the last entry shown.
///
/// A place in the order and not a count, so that entries which come or go between two pages neither repeat nor hide others.
package struct PageCursor: Sendable, Equatable {
    package var createdAt: Timestamp
    package var id: String

    package init(createdAt: Timestamp, id: String) {
        self.createdAt = createdAt
        self.id = id
    }

    /// Reads what `text` wrote; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 256, let octets = Base64.decodeURLSafe(text) else { return nil }
        let parts = octets.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(String(decoding: parts[0], as: UTF8.self)) else { return nil }
        self.init(createdAt: Timestamp(milliseconds: time), id: String(decoding: parts[1], as: UTF8.self))
    }

    package var text: String { Base64.encodeURLSafe(Array("\(createdAt.milliseconds):\(id)".utf8)) }

    /// Before every entry of a list, oldest first and newest first.
    static let oldestFirst = PageCursor(createdAt: Timestamp(milliseconds: .min), id: "")
    static let newestFirst = PageCursor(createdAt: Timestamp(milliseconds: .max), id: "")
}

extension Page {
    /// Cuts the one entry more that was read to learn whether there is a next page.
    init(_ entries: [Element], limit: Int, cursor: (Element) -> PageCursor) {
        let data = Array(entries.prefix(limit))
        let next = entries.count > limit ? data.last.map { cursor($0).text } : nil
        self.init(data: data, nextCursor: next)
    }
}

/// How many entries a page holds: what was asked for, within the limits.
func pageSize(_ asked: Int) -> Int { min(max(asked, 1), Limits.pageSize) }
