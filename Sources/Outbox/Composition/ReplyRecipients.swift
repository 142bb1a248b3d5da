import MIME
import Model

/// Who an answer goes to.
struct ReplyRecipients {
    private(set) var to: [Correspondent]
    private(set) var cc: [Correspondent] = []

    /// `own` are addresses in lower case.
    init(_ original: Message, toAll: Bool, own: Set<String>) {
        let list = Self.listAddress(original)
        let isMine = original.from.contains { own.contains($0.email.lowercased()) }
        // To go on with what one wrote oneself is to write to the same people again.
        guard !isMine || original.to.isEmpty else {
            to = original.to
            if toAll { cc = original.cc }
            removeDoubles(besides: [])
            return
        }
        to = Self.author(original, list: list)
        guard toAll else {
            removeDoubles(besides: [])
            return
        }
        let asked = Self.followUp(original)
        if asked.isEmpty {
            cc = original.to + original.cc
            // A list that sent a copy without being named is still one of those who talk.
            if let list, !(to + cc).contains(where: { $0.email.lowercased() == list.lowercased() }) {
                cc.append(Correspondent(email: list))
            }
        } else {
            to = asked
        }
        removeDoubles(besides: own)
    }

    private mutating func removeDoubles(besides own: Set<String>) {
        var seen = own
        let answered = to
        to = to.filter { seen.insert($0.email.lowercased()).inserted }
        cc = cc.filter { seen.insert($0.email.lowercased()).inserted }
        // Nobody but oneself is left: then it goes there.
        if to.isEmpty {
            to = cc.isEmpty ? answered : cc
            cc = []
        }
    }

    /// Reply-To, but for the one that a mailing list puts there itself (RFC 5322, section 3.6.2 leaves it to the author).
    private static func author(_ original: Message, list: String?) -> [Correspondent] {
        let isMunged =
            list != nil && original.replyTo.allSatisfy { $0.email.lowercased() == list?.lowercased() }
        return original.replyTo.isEmpty || isMunged && !original.from.isEmpty ? original.from : original.replyTo
    }

    /// The address of `List-Post: <mailto:…>` (RFC 2369, section 3.4); nil for `NO` and for what is no list.
    private static func listAddress(_ original: Message) -> String? {
        guard let value = field("list-post", original), let start = value.range(of: "<mailto:") else { return nil }
        let address = value[start.upperBound...].prefix { $0 != ">" && $0 != "?" }
        return (try? EmailAddress(validating: String(address)))?.email
    }

    /// The people that the author asks to be answered instead of all (an old draft, which mutt and others write).
    private static func followUp(_ original: Message) -> [Correspondent] {
        guard let value = field("mail-followup-to", original) else { return [] }
        return AddressGroup.parse(Array(value.utf8)).flatMap(\.addresses)
            .filter { $0.validate() == nil }.map { Correspondent(name: $0.name, email: $0.email) }
    }

    private static func field(_ name: String, _ original: Message) -> String? {
        original.headers.first { $0.name.lowercased() == name }?.value
    }
}

extension String {
    /// Where a text begins, whatever the case of its ASCII letters.
    fileprivate func range(of text: String) -> Range<Index>? {
        let wanted = text.lowercased()
        var start = startIndex
        while start < endIndex {
            let piece = self[start...].prefix(text.count)
            if piece.lowercased() == wanted { return start..<piece.endIndex }
            start = index(after: start)
        }
        return nil
    }
}
