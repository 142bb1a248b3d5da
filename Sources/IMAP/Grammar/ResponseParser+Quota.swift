import Wire

/// QUOTA, QUOTAROOT and the code INPROGRESS.
extension ResponseParser {
    // quota-response = "QUOTA" SP quota-root-name SP quota-list, quota-list = "(" [quota-resource *(SP quota-resource)] ")"
    mutating func quota(_ cursor: inout ByteCursor) throws(SyntaxError) -> Quota {
        var quota = Quota(root: try astring(&cursor))
        try space(&cursor)
        try cursor.expect(UInt8(ascii: "("), "a list of resources")
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            let name = cursor.text(try atom(&cursor, "a resource")).uppercased()
            try space(&cursor)
            let usage = try looseNumber(&cursor)
            try space(&cursor)
            let limit = try looseNumber(&cursor)
            if let usage, let limit { quota.resources.append(.init(name: name, usage: usage, limit: limit)) }
            blanksQuietly(&cursor)
        }
        return quota
    }

    // quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
    mutating func quotaRoot(_ cursor: inout ByteCursor) throws(SyntaxError) -> UntaggedResponse {
        let name = try mailbox(&cursor)
        var roots: [String] = []
        while true {
            blanksQuietly(&cursor)
            guard let next = cursor.peek, !Self.lineEnds.contains(next) else { return .quotaRoot(name, roots) }
            roots.append(try astring(&cursor))
        }
    }

    // "INPROGRESS" [SP "(" (quoted / nil) SP (number64 / nil) SP (number64 / nil) ")"]
    mutating func progress(_ cursor: inout ByteCursor) throws(SyntaxError) -> ResponseCode {
        guard cursor.take(UInt8(ascii: "(")) else { return .inProgress(tag: nil, done: nil, goal: nil) }
        let tag = try nstring(&cursor)
        try space(&cursor)
        let done = takeNIL(&cursor) ? nil : try cursor.expectNumber()
        try space(&cursor)
        let goal = takeNIL(&cursor) ? nil : try cursor.expectNumber()
        try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
        return .inProgress(tag: tag, done: done, goal: goal)
    }
}
