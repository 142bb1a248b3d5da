package import Model

/// A message as a POP3 server lists it.
package struct MaildropEntry: Sendable, Equatable {
    /// Its number in this session.
    package var number: Int
    package var size: Int
    /// Its unique id; nil where the server has none for it.
    package var uniqueID: String?

    package init(number: Int, size: Int, uniqueID: String?) {
        self.number = number
        self.size = size
        self.uniqueID = uniqueID
    }
}

/// A message as we knew it before.
package struct MaildropRow: Sendable, Equatable {
    /// The server's unique id, or one of ours that begins with `~`.
    package var key: String
    package var uid: UInt32
    package var size: Int
    /// A hash of what no server changes in its header; nil until that was read.
    package var fingerprint: String?
    package var seenAt: Timestamp

    package init(
        key: String, uid: UInt32, size: Int, fingerprint: String? = nil, seenAt: Timestamp = Timestamp(milliseconds: 0)
    ) {
        self.key = key
        self.uid = uid
        self.size = size
        self.fingerprint = fingerprint
        self.seenAt = seenAt
    }
}

/// Which listed message is which known one: a pure function.
///
/// A unique id should be enough (RFC 1939, 7: never reused, even across sessions). Servers are seen that give it to another message, number
/// their messages anew with each session, or give all of them new ids after a move. So an id counts only together with the size, and where
/// messages are missing, unknown ones are compared with them by their headers before they are called new.
package struct MaildropMatch: Sendable, Equatable {
    /// What to do about one listed message.
    package enum Verdict: Sendable, Equatable {
        /// As it was.
        case known(UInt32)
        /// The same message, with another id or size.
        case changed(UInt32, from: String)
        case new
    }

    package private(set) var verdicts: [Int: Verdict] = [:]
    /// Listed messages whose fingerprints are needed before there is a verdict.
    package private(set) var undecided: [Int] = []
    /// Keys of listed messages.
    package private(set) var keys: [Int: String] = [:]
    private let entries: [MaildropEntry]
    private let rows: [MaildropRow]
    private let unreadable: Set<Int>

    /// `fingerprints` are those that are known by now, by number; the `unreadable` have to do without.
    package init(
        _ entries: [MaildropEntry], rows: [MaildropRow], fingerprints: [Int: String] = [:], unreadable: Set<Int> = []
    ) {
        self.entries = entries
        self.rows = rows
        self.unreadable = unreadable
        let nameless = entries.filter {
            $0.uniqueID == nil && fingerprints[$0.number] == nil && !unreadable.contains($0.number)
        }.map(\.number)
        var counts: [String: Int] = [:]
        for entry in entries {
            let print = fingerprints[entry.number] ?? (unreadable.contains(entry.number) ? Self.unread : nil)
            guard let key = entry.uniqueID ?? print.map({ Self.key($0, entry.size, &counts) }) else { continue }
            keys[entry.number] = key
        }
        guard nameless.isEmpty else {
            undecided = nameless
            return
        }
        match(fingerprints)
    }

    /// What stands for the hash of a header that nobody could read.
    fileprivate static let unread = "unread"

    /// Which of the messages seem to be some that were numbered without their headers: they are not waited for again.
    ///
    /// Where there are more of a size than were numbered nobody knows which the new ones are: all of that size are waited for.
    static func wereUnread(_ entries: [MaildropEntry], _ rows: [MaildropRow]) -> [Int] {
        let known = Dictionary(rows.filter(\.isUnread).map { ($0.size, 1) }, uniquingKeysWith: +)
        return Dictionary(grouping: entries.filter { $0.uniqueID == nil }, by: \.size)
            .flatMap { size, alike in alike.count <= known[size] ?? 0 ? alike.map(\.number) : [] }
    }

    /// What stands for the id of a message that has none; equal ones are counted in the order of the maildrop.
    private static func key(_ fingerprint: String, _ size: Int, _ counts: inout [String: Int]) -> String {
        let base = "~\(fingerprint)-\(size)"
        counts[base, default: 0] += 1
        return counts[base] == 1 ? base : "\(base)-\(counts[base] ?? 0)"
    }

    /// Whether the ids are the numbers of this session, and have changed hands: they move up where a message before them goes.
    ///
    /// Nil, with who is undecided, where the last that seems to be known has to tell: moved up or not, it is the same only where all
    /// before it are.
    private mutating func haveShifted(
        _ open: [MaildropEntry], _ rows: [String: MaildropRow], _ fingerprints: [Int: String]
    ) -> Bool? {
        if open.contains(where: { $0.uniqueID == String($0.number) && rows[$0.uniqueID ?? ""] != nil }) { return true }
        guard entries.allSatisfy({ $0.uniqueID == String($0.number) }),
            let last = entries.last(where: {
                verdicts[$0.number] != nil && rows[String($0.number)]?.fingerprint != nil
                    && !unreadable.contains($0.number)
            }), let row = rows[String(last.number)]
        else { return false }
        guard let fingerprint = fingerprints[last.number] else {
            undecided = [last.number]
            return nil
        }
        return row.fingerprint != fingerprint
    }

    private mutating func match(_ fingerprints: [Int: String]) {
        let byKey = Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var missing = byKey
        var open: [MaildropEntry] = []
        for entry in entries {
            guard let key = keys[entry.number] else { continue }
            if let row = byKey[key], row.size == entry.size {
                verdicts[entry.number] = .known(row.uid)
                missing[key] = nil
            } else {
                open.append(entry)
            }
        }
        switch haveShifted(open, byKey, fingerprints) {
        case nil: return
        case true?: (open, verdicts, missing) = (entries, [:], byKey)
        case false?: break
        }
        guard !missing.isEmpty else {
            for entry in open { verdicts[entry.number] = .new }
            return
        }
        undecided = open.map(\.number).filter { fingerprints[$0] == nil && !unreadable.contains($0) }
        guard undecided.isEmpty else { return }
        // Its own id first, whatever its size is now: some servers only estimate.
        for entry in open {
            guard let key = keys[entry.number], let row = missing[key] else { continue }
            let isSameSize = row.size == entry.size
            let isSame = row.fingerprint.map { $0 == fingerprints[entry.number] } ?? isSameSize
            guard isSame else { continue }
            verdicts[entry.number] = isSameSize ? .known(row.uid) : .changed(row.uid, from: key)
            missing[key] = nil
        }
        var candidates = Dictionary(grouping: missing.values.sorted { $0.uid < $1.uid }, by: { $0.fingerprint ?? "" })
        candidates[""] = nil
        for entry in open where verdicts[entry.number] == nil {
            guard let fingerprint = fingerprints[entry.number], var rows = candidates[fingerprint], !rows.isEmpty else {
                continue
            }
            let index = rows.firstIndex { $0.size == entry.size } ?? 0
            let row = rows.remove(at: index)
            candidates[fingerprint] = rows
            verdicts[entry.number] = .changed(row.uid, from: row.key)
            missing[row.key] = nil
        }
        matchUnread(open, &missing)
        for entry in open where verdicts[entry.number] == nil { verdicts[entry.number] = .new }
    }

    /// Messages without ids whose headers cannot be read: all that is left is their size.
    ///
    /// What can be read is never taken for one that could not: were it another of that size, nobody would be told of it.
    private mutating func matchUnread(_ open: [MaildropEntry], _ missing: inout [String: MaildropRow]) {
        for entry in open where entry.uniqueID == nil && verdicts[entry.number] == nil {
            guard unreadable.contains(entry.number) else { continue }
            let found = missing.values.filter { $0.size == entry.size && $0.key.hasPrefix("~") }
                .min { $0.uid < $1.uid }
            guard let found else { continue }
            verdicts[entry.number] = .changed(found.uid, from: found.key)
            missing[found.key] = nil
        }
    }
}

extension MaildropRow {
    /// Whether neither the server has an id for it, nor has anybody read its header.
    fileprivate var isUnread: Bool { fingerprint == nil && key.hasPrefix("~\(MaildropMatch.unread)-") }
}
