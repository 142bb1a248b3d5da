package import IMAP
import Mapping
package import Model

/// What the server is asked for, and what is checked here because IMAP cannot say it.
///
/// IMAP compares days in a zone of the server's choosing (RFC 9051, 6.4.4) and knows nothing of attachments. So it is asked
/// for somewhat more than is wanted, or under a NOT for somewhat less, and the rest is decided here message by message.
package struct SearchPlan: Sendable {
    /// Finds all that qualify; nil where every message may.
    package let key: SearchKey?
    /// What must be searched for besides, because what it finds decides together with what is checked here.
    package let separate: [SearchKey]
    /// Whether a server without SAVEDATE (RFC 8514) cannot answer it.
    package let needsSaveDate: Bool
    private let check: Check

    package init(_ query: MessageQuery) throws(RemoteMailError) {
        needsSaveDate = query.comparesSaveDates
        var terms = Term.terms(of: query.condition)
        if let filter = query.filter { terms.append(Term(filter)) }
        if let native = query.native { terms.append(Term(exact: .gmailRaw(native))) }
        let whole = Term.all(terms)
        key = whole.superset == .all ? nil : whole.superset
        // What the search itself ensures need not be asked again.
        let rest = whole.check.conjuncts.filter { !$0.isFound }
        check = rest.isEmpty ? .always : .all(rest)
        separate = check.searches
        guard separate.count <= Limits.separateSearches else {
            throw .invalid([FieldFault(pointer: "/filter", detail: "mixes too many conditions that IMAP cannot mix")])
        }
    }

    /// Whether a message must be looked at, and not only found.
    package var checksMessages: Bool { check != .always }

    /// Whether the parts of a message are needed to decide.
    package var needsStructure: Bool { check.needsStructure }

    /// `found` has the UIDs of each of `separate`.
    package func accepts(_ message: Message, uid: UInt32, found: [UIDSet]) -> Bool {
        check.holds(message) { key in
            separate.firstIndex(of: key).map { $0 < found.count && found[$0].contains(uid) } ?? false
        }
    }
}

/// A condition as two searches that enclose it, and as a check of one message.
private struct Term {
    /// Finds all messages that qualify, and perhaps more.
    var superset: SearchKey
    /// Finds only messages that qualify, and perhaps not all.
    var subset: SearchKey
    var check: Check

    init(exact key: SearchKey) {
        superset = key
        subset = key
        check = .found(key)
    }

    init(superset: SearchKey, subset: SearchKey, check: Check) {
        self.superset = superset
        self.subset = subset
        self.check = check
    }

    init(_ filter: MessageFilter) {
        switch filter {
        case .condition(let condition): self = .all(Self.terms(of: condition))
        case .all(let filters): self = .all(filters.map(Term.init))
        case .any(let filters): self = .any(filters.map(Term.init))
        case .none(let filters):
            let any = Self.any(filters.map(Term.init))
            self.init(superset: .opposite(of: any.subset), subset: .opposite(of: any.superset), check: .not(any.check))
            if case .found(let key) = any.check { check = .found(.opposite(of: key)) }
        }
    }

    static func all(_ terms: [Term]) -> Term {
        let exact = terms.allSatisfy { $0.check.isFound }
        let superset = SearchKey.every(terms.map(\.superset))
        return Term(
            superset: superset, subset: .every(terms.map(\.subset)),
            check: exact ? .found(superset) : .all(terms.map(\.check)))
    }

    static func any(_ terms: [Term]) -> Term {
        let exact = terms.allSatisfy { $0.check.isFound }
        let superset = SearchKey.either(terms.map(\.superset))
        return Term(
            superset: superset, subset: .either(terms.map(\.subset)),
            check: exact ? .found(superset) : .any(terms.map(\.check)))
    }

    static func terms(of condition: MessageCondition) -> [Term] {
        var exact: [SearchKey] = []
        func flag(_ flag: Flag, _ isSet: Bool?) {
            if let isSet { exact.append(isSet ? .flag(flag) : .not(.flag(flag))) }
        }
        flag(.seen, condition.unread.map { !$0 })
        flag(.flagged, condition.flagged)
        flag(.answered, condition.answered)
        if let flag = condition.keyword.flatMap(Keywords.flag(of:)) { exact.append(.flag(flag)) }
        if let flag = condition.notKeyword.flatMap(Keywords.flag(of:)) { exact.append(.not(.flag(flag))) }
        let texts: [(String?, (String) -> SearchKey)] = [
            (condition.from, { .from($0) }), (condition.to, { .to($0) }), (condition.cc, { .cc($0) }),
            (condition.subject, { .subject($0) }), (condition.body, { .body($0) }), (condition.text, { .text($0) }),
        ]
        for (text, key) in texts { if let text { exact.append(key(text)) } }
        if let header = condition.header { exact.append(.header(name: header.name, value: header.value ?? "")) }
        if let size = condition.minSize, size > 0 { exact.append(.larger(UInt64(size - 1))) }
        if let size = condition.maxSize { exact.append(.smaller(UInt64(clamping: size).advanced(by: 1))) }
        var terms = exact.map(Term.init(exact:))
        // A day is left on either side of the moment.
        if let after = condition.after {
            terms.append(
                Term(superset: .since(day(after, -1)), subset: .since(day(after, 2)), check: .after(after)))
        }
        if let before = condition.before {
            terms.append(
                Term(superset: .before(day(before, 2)), subset: .before(day(before, -1)), check: .before(before)))
        }
        // Where a mailbox records no save dates, or a message has none, the server goes by its arrival (RFC 8514, 4.3): what it finds
        // is never certain.
        if let after = condition.savedAfter {
            terms.append(
                Term(superset: .savedSince(day(after, -1)), subset: .opposite(of: .all), check: .savedAfter(after)))
        }
        if let before = condition.savedBefore {
            terms.append(
                Term(superset: .savedBefore(day(before, 2)), subset: .opposite(of: .all), check: .savedBefore(before)))
        }
        if let has = condition.hasAttachment {
            terms.append(Term(superset: .all, subset: .opposite(of: .all), check: .hasAttachment(has)))
        }
        return terms
    }

    private static func day(_ time: Timestamp, _ days: Int64) -> CalendarDay {
        CalendarDay(epochMilliseconds: time.milliseconds + days * 86_400_000)
    }
}

/// What is decided here.
private indirect enum Check: Sendable, Equatable {
    case always
    /// The search finds it.
    case found(SearchKey)
    case after(Timestamp)
    case before(Timestamp)
    case savedAfter(Timestamp)
    case savedBefore(Timestamp)
    case hasAttachment(Bool)
    case all([Check])
    case any([Check])
    case not(Check)

    var isFound: Bool {
        if case .found = self { true } else { false }
    }

    /// What must hold one and all.
    var conjuncts: [Check] {
        if case .all(let checks) = self { checks.flatMap(\.conjuncts) } else { [self] }
    }

    var searches: [SearchKey] {
        switch self {
        case .found(let key): [key]
        case .all(let checks), .any(let checks):
            checks.flatMap(\.searches).reduce(into: []) { keys, key in
                if !keys.contains(key) { keys.append(key) }
            }
        case .not(let check): check.searches
        case .always, .after, .before, .savedAfter, .savedBefore, .hasAttachment: []
        }
    }

    var needsStructure: Bool {
        switch self {
        case .hasAttachment: true
        case .all(let checks), .any(let checks): checks.contains(where: \.needsStructure)
        case .not(let check): check.needsStructure
        case .always, .found, .after, .before, .savedAfter, .savedBefore: false
        }
    }

    func holds(_ message: Message, _ isFound: (SearchKey) -> Bool) -> Bool {
        switch self {
        case .always: true
        case .found(let key): isFound(key)
        case .after(let time): message.receivedAt >= time
        case .before(let time): message.receivedAt < time
        case .savedAfter(let time): message.savedAt.map { $0 >= time } ?? false
        case .savedBefore(let time): message.savedAt.map { $0 < time } ?? false
        case .hasAttachment(let has): message.hasAttachment == has
        case .all(let checks): checks.allSatisfy { $0.holds(message, isFound) }
        case .any(let checks): checks.contains { $0.holds(message, isFound) }
        case .not(let check): !check.holds(message, isFound)
        }
    }
}

extension SearchKey {
    fileprivate static func opposite(of key: SearchKey) -> SearchKey {
        if case .not(let inner) = key { inner } else { .not(key) }
    }

    fileprivate static func every(_ keys: [SearchKey]) -> SearchKey {
        if keys.contains(.not(.all)) { return .not(.all) }
        let keys = keys.filter { $0 != .all }
        return keys.isEmpty ? .all : keys.count == 1 ? keys[0] : .and(keys)
    }

    fileprivate static func either(_ keys: [SearchKey]) -> SearchKey {
        if keys.contains(.all) { return .all }
        return .any(keys.filter { $0 != .not(.all) })
    }
}
