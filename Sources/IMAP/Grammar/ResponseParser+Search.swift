import Wire

/// What SEARCH, SORT and THREAD found.
extension ResponseParser {
    // "SEARCH" *(SP nz-number) [SP "(MODSEQ" SP mod-sequence-value ")"]
    mutating func search(_ cursor: inout ByteCursor) throws(SyntaxError) -> SearchResult {
        let found = try foundNumbers(&cursor)
        var result = SearchResult()
        let set = NumberSet(found.numbers)
        result.modificationSequence = found.modificationSequence
        result.all = set
        result.minimum = set.first
        result.maximum = set.last
        result.count = UInt32(clamping: set.count)
        return result
    }

    // The same for SORT, whose order means something.
    mutating func foundNumbers(
        _ cursor: inout ByteCursor
    ) throws(SyntaxError) -> (numbers: [UInt32], modificationSequence: UInt64?) {
        var numbers: [UInt32] = []
        var modificationSequence: UInt64?
        while true {
            blanksQuietly(&cursor)
            if let number = cursor.takeNumber() {
                guard let number = UInt32(exactly: number) else { throw cursor.error("a message number") }
                numbers.append(number)
            } else if cursor.take(UInt8(ascii: "(")) {
                try cursor.expect(caseInsensitive: "MODSEQ")
                try space(&cursor)
                modificationSequence = try cursor.expectNumber()
                try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
            } else {
                break
            }
        }
        guard cursor.isAtEnd || Self.lineEnds.contains(cursor.bytes[cursor.position]) else {
            throw cursor.error("a message number")
        }
        return (numbers, modificationSequence)
    }

    // esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    mutating func extendedSearch(_ cursor: inout ByteCursor) throws(SyntaxError) -> SearchResult {
        var result = SearchResult()
        blanksQuietly(&cursor)
        if cursor.take(UInt8(ascii: "(")) {
            try cursor.expect(caseInsensitive: "TAG")
            try space(&cursor)
            result.tag = try string(&cursor)
            while !cursor.take(UInt8(ascii: ")")) {
                blanksQuietly(&cursor)
                try skipValue(&cursor)
            }
        }
        while true {
            blanksQuietly(&cursor)
            guard let next = cursor.peek, !Self.lineEnds.contains(next) else { return result }
            let name = try atom(&cursor, "a search result")
            if cursor.equals(name, caseInsensitive: "UID") {
                result.isUIDBased = true
                continue
            }
            try space(&cursor)
            switch cursor.text(name).uppercased() {
            case "MIN": result.minimum = try number32(&cursor)
            case "MAX": result.maximum = try number32(&cursor)
            case "COUNT": result.count = try number32(&cursor)
            case "ALL": result.all = NumberSet(ranges: try numberRanges(&cursor))
            case "MODSEQ": result.modificationSequence = try cursor.expectNumber()
            case "PARTIAL": result.partial = try partialResult(&cursor)
            default: try skipValue(&cursor)
            }
        }
    }

    // "PARTIAL" SP "(" partial-range SP partial-results ")", the results a sequence-set in the server's order, or NIL
    private mutating func partialResult(_ cursor: inout ByteCursor) throws(SyntaxError) -> [UInt32] {
        try cursor.expect(UInt8(ascii: "("), "a partial result")
        _ = try atom(&cursor, "a range")
        try space(&cursor)
        var numbers: [UInt32] = []
        if !takeNIL(&cursor) {
            for range in try numberRanges(&cursor) {
                guard range.count <= limits.expandedNumbers - numbers.count else {
                    throw cursor.error("a shorter result")
                }
                numbers += range
            }
        }
        try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
        return numbers
    }

    // thread-data = "THREAD" [SP 1*thread-list], each list nested at the server's will: read without recursion
    mutating func threads(_ cursor: inout ByteCursor) throws(SyntaxError) -> [[UInt32]] {
        var result: [[UInt32]] = []
        var members: [UInt32] = []
        var depth = 0
        while true {
            blanksQuietly(&cursor)
            if cursor.take(UInt8(ascii: "(")) {
                depth += 1
            } else if depth > 0, cursor.take(UInt8(ascii: ")")) {
                depth -= 1
                if depth == 0, !members.isEmpty {
                    result.append(members)
                    members = []
                }
            } else if depth > 0, let number = cursor.takeNumber() {
                guard let number = UInt32(exactly: number) else { throw cursor.error("a message number") }
                members.append(number)
            } else {
                break
            }
        }
        guard depth == 0, cursor.isAtEnd || Self.lineEnds.contains(cursor.bytes[cursor.position]) else {
            throw cursor.error("a thread")
        }
        return result
    }
}
