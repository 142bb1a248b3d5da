extension SearchKey {
    /// How deep a tree may be: it comes from users.
    private static let depthLimit = 100

    /// search-key; `isNested` puts parentheses around more than one key.
    func encode(into encoder: inout CommandEncoder, depth: Int = 0, isNested: Bool = false) throws(IMAPError) {
        guard depth < Self.depthLimit else { throw .limit(.nesting) }
        switch self {
        case .all: encoder.raw("ALL")
        case .and(let keys): try Self.encode(keys, into: &encoder, depth: depth, isNested: isNested)
        case .or(let left, let right):
            encoder.raw("OR ")
            try left.encode(into: &encoder, depth: depth + 1, isNested: true)
            encoder.space()
            try right.encode(into: &encoder, depth: depth + 1, isNested: true)
        case .not(.flag(let flag)): try Self.encode(flag, isSet: false, into: &encoder)
        case .not(let key):
            encoder.raw("NOT ")
            try key.encode(into: &encoder, depth: depth + 1, isNested: true)
        case .flag(let flag): try Self.encode(flag, isSet: true, into: &encoder)
        case .from(let text): try Self.encode("FROM ", text, into: &encoder)
        case .to(let text): try Self.encode("TO ", text, into: &encoder)
        case .cc(let text): try Self.encode("CC ", text, into: &encoder)
        case .bcc(let text): try Self.encode("BCC ", text, into: &encoder)
        case .subject(let text): try Self.encode("SUBJECT ", text, into: &encoder)
        case .body(let text): try Self.encode("BODY ", text, into: &encoder)
        case .text(let text): try Self.encode("TEXT ", text, into: &encoder)
        case .gmailRaw(let text):
            guard encoder.capabilities.contains(.gmail) else { throw .unsupported(.gmail) }
            try Self.encode("X-GM-RAW ", text, into: &encoder)
        case .gmailThreadID(let id):
            guard encoder.capabilities.contains(.gmail) else { throw .unsupported(.gmail) }
            Self.encode("X-GM-THRID ", id, into: &encoder)
        case .header(let name, let value):
            try Self.encode("HEADER ", name, into: &encoder)
            encoder.space()
            try encoder.string(value)
        case .before(let day): try Self.encode("BEFORE ", day, into: &encoder)
        case .on(let day): try Self.encode("ON ", day, into: &encoder)
        case .since(let day): try Self.encode("SINCE ", day, into: &encoder)
        case .sentBefore(let day): try Self.encode("SENTBEFORE ", day, into: &encoder)
        case .sentOn(let day): try Self.encode("SENTON ", day, into: &encoder)
        case .sentSince(let day): try Self.encode("SENTSINCE ", day, into: &encoder)
        case .savedBefore(let day):
            guard encoder.capabilities.contains(.saveDate) else { throw .unsupported(.saveDate) }
            try Self.encode("SAVEDBEFORE ", day, into: &encoder)
        case .savedSince(let day):
            guard encoder.capabilities.contains(.saveDate) else { throw .unsupported(.saveDate) }
            try Self.encode("SAVEDSINCE ", day, into: &encoder)
        case .larger(let size): Self.encode("LARGER ", size, into: &encoder)
        case .smaller(let size): Self.encode("SMALLER ", size, into: &encoder)
        case .younger(let seconds):
            guard encoder.capabilities.contains(.within) else { throw .unsupported(.within) }
            Self.encode("YOUNGER ", UInt64(seconds), into: &encoder)
        case .older(let seconds):
            guard encoder.capabilities.contains(.within) else { throw .unsupported(.within) }
            Self.encode("OLDER ", UInt64(seconds), into: &encoder)
        case .modificationSequence(let value):
            guard encoder.capabilities.contains(.condStore) else { throw .unsupported(.condStore) }
            Self.encode("MODSEQ ", value, into: &encoder)
        case .emailID(let id):
            guard encoder.capabilities.contains(.objectID) else { throw .unsupported(.objectID) }
            encoder.raw("EMAILID ")
            try encoder.atom(id)
        case .threadID(let id):
            guard encoder.capabilities.contains(.objectID) else { throw .unsupported(.objectID) }
            encoder.raw("THREADID ")
            try encoder.atom(id)
        case .messages(let set):
            if set.isUIDBased { encoder.raw("UID ") }
            try encoder.set(set.numbers)
        }
    }

    private static func encode(
        _ keys: [SearchKey], into encoder: inout CommandEncoder, depth: Int, isNested: Bool
    ) throws(IMAPError) {
        guard !keys.isEmpty else { return encoder.raw("ALL") }
        let needsParentheses = isNested && keys.count > 1
        if needsParentheses { encoder.raw("(") }
        for (index, key) in keys.enumerated() {
            if index > 0 { encoder.space() }
            try key.encode(into: &encoder, depth: depth + 1, isNested: isNested || keys.count > 1)
        }
        if needsParentheses { encoder.raw(")") }
    }

    private static func encode(
        _ verb: StaticString, _ text: String, into encoder: inout CommandEncoder
    ) throws(IMAPError) {
        encoder.raw(verb)
        try encoder.string(text)
    }

    private static func encode(
        _ verb: StaticString, _ day: CalendarDay, into encoder: inout CommandEncoder
    ) throws(IMAPError) {
        encoder.raw(verb)
        try encoder.atom(day.text)
    }

    private static func encode(_ verb: StaticString, _ number: UInt64, into encoder: inout CommandEncoder) {
        encoder.raw(verb)
        encoder.number(number)
    }

    private static func encode(_ flag: Flag, isSet: Bool, into encoder: inout CommandEncoder) throws(IMAPError) {
        if !isSet { encoder.raw("UN") }
        switch flag {
        case .seen: encoder.raw("SEEN")
        case .answered: encoder.raw("ANSWERED")
        case .flagged: encoder.raw("FLAGGED")
        case .deleted: encoder.raw("DELETED")
        case .draft: encoder.raw("DRAFT")
        case .keyword(let name):
            encoder.raw("KEYWORD ")
            try encoder.atom(name)
        case .recent, .wildcard, .system: throw .unsafeText
        }
    }
}
