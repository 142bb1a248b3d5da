import Wire

/// msg-att: the items of a FETCH response.
extension ResponseParser {
    private static let itemNameEnds = ByteSet(and: " [()\r\n")

    // msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
    //
    // An item that is broken is stepped over and told of in `problems`.
    mutating func messageData(_ cursor: inout ByteCursor, sequence: UInt32) -> FetchedMessage {
        var message = FetchedMessage(sequence: sequence)
        context.sequence = sequence
        let start = cursor.position
        guard cursor.take(UInt8(ascii: "(")) else {
            let error = cursor.error("a list of items")
            message.problems = [FetchProblem(item: "FETCH", error: error, raw: line(cursor, from: start))]
            return message
        }
        while true {
            if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
            if cursor.take(UInt8(ascii: ")")) { break }
            let itemStart = cursor.position
            do throws(SyntaxError) {
                if cursor.peek == UInt8(ascii: "(") {
                    try skipValue(&cursor)
                    note(.strayList)
                    continue
                }
                try item(&cursor, into: &message)
            } catch {
                cursor.position = itemStart
                guard let name = skipItem(&cursor) else {
                    let raw = line(cursor, from: start)
                    message.problems.append(FetchProblem(item: "FETCH", error: error, raw: raw))
                    break
                }
                let raw = cursor.array(itemStart..<cursor.position)
                message.problems.append(FetchProblem(item: name, error: error, raw: raw))
            }
        }
        message.quirks = quirks
        return message
    }

    /// Steps over an item and its value; nil, and nothing consumed, where there is no telling where it ends.
    private mutating func skipItem(_ cursor: inout ByteCursor) -> String? {
        let start = cursor.position
        let name = cursor.takeRange(until: Self.itemNameEnds)
        do throws(SyntaxError) {
            guard !name.isEmpty else { throw cursor.error("an item") }
            if cursor.take(UInt8(ascii: "[")) { _ = try section(&cursor) }
            blanksQuietly(&cursor)
            try skipValue(&cursor)
            return cursor.text(name)
        } catch {
            cursor.position = start
            return nil
        }
    }

    private mutating func item(_ cursor: inout ByteCursor, into message: inout FetchedMessage) throws(SyntaxError) {
        let name = cursor.takeRange(until: Self.itemNameEnds)
        guard !name.isEmpty else { throw cursor.error("an item") }
        if cursor.peek == UInt8(ascii: "[") {
            return try sectionItem(&cursor, named: name, into: &message)
        }
        try space(&cursor)
        switch name.count {
        case 3 where cursor.equals(name, caseInsensitive: "UID"):
            let uid = try number32(&cursor)
            message.uid = uid
            context.uid = uid
        case 4 where cursor.equals(name, caseInsensitive: "BODY"):
            message.bodyStructure = try bodyStructure(&cursor, depth: 0)
        case 5 where cursor.equals(name, caseInsensitive: "FLAGS"):
            message.flags = try flagList(&cursor)
        case 6 where cursor.equals(name, caseInsensitive: "MODSEQ"):
            try cursor.expect(UInt8(ascii: "("), "a mod-sequence")
            message.modificationSequence = try cursor.expectNumber()
            try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
        case 6 where cursor.equals(name, caseInsensitive: "RFC822"):
            try sectionValue(&cursor, Section.message, isBinary: false, into: &message)
        case 8 where cursor.equals(name, caseInsensitive: "ENVELOPE"):
            message.envelope = try envelope(&cursor)
        case 11 where cursor.equals(name, caseInsensitive: "RFC822.SIZE"):
            message.size = try looseNumber(&cursor)
        case 11 where cursor.equals(name, caseInsensitive: "RFC822.TEXT"):
            try sectionValue(&cursor, Section.text, isBinary: false, into: &message)
        case 12 where cursor.equals(name, caseInsensitive: "INTERNALDATE"):
            message.internalDate = try dateTime(&cursor)
        case 13 where cursor.equals(name, caseInsensitive: "BODYSTRUCTURE"):
            message.bodyStructure = try bodyStructure(&cursor, depth: 0)
        case 13 where cursor.equals(name, caseInsensitive: "RFC822.HEADER"):
            try sectionValue(&cursor, Section.header, isBinary: false, into: &message)
        default:
            var extras = message.extras ?? FetchedExtras()
            try extensionItem(&cursor, named: name, into: &extras)
            message.extras = extras
        }
    }

    /// What OBJECTID, X-GM-EXT-1, PREVIEW and SAVEDATE add; any other item is kept raw.
    private mutating func extensionItem(
        _ cursor: inout ByteCursor, named name: Range<Int>, into extras: inout FetchedExtras
    ) throws(SyntaxError) {
        switch cursor.text(name).uppercased() {
        case "EMAILID": extras.emailID = try objectID(&cursor)
        case "THREADID": extras.threadID = try objectID(&cursor)
        case "X-GM-MSGID": extras.gmailMessageID = try cursor.expectNumber()
        case "X-GM-THRID": extras.gmailThreadID = try cursor.expectNumber()
        case "X-GM-LABELS": extras.gmailLabels = try labels(&cursor)
        case "PREVIEW": extras.preview = try nstring(&cursor)
        case "SAVEDATE": extras.saveDate = takeNIL(&cursor) ? nil : try dateTime(&cursor)
        default:
            let start = cursor.position
            try skipValue(&cursor)
            let value = cursor.array(start..<cursor.position)
            extras.unknown.append(.init(name: cursor.text(name), value: value))
        }
    }

    // "(" objectid ")" / nil; Cyrus 3.6 says (NIL) where it keeps no threads
    private mutating func objectID(_ cursor: inout ByteCursor) throws(SyntaxError) -> String? {
        if takeNIL(&cursor) { return nil }
        let isParenthesised = cursor.take(UInt8(ascii: "("))
        let id = isParenthesised && takeNIL(&cursor) ? nil : try astring(&cursor)
        if isParenthesised { try cursor.expect(UInt8(ascii: ")"), "a parenthesis") }
        return id
    }

    // "(" [astring *(SP astring)] ")", each a mailbox name in the session's encoding
    private mutating func labels(_ cursor: inout ByteCursor) throws(SyntaxError) -> [String] {
        if takeNIL(&cursor) { return [] }
        try cursor.expect(UInt8(ascii: "("), "a list of labels")
        var labels: [String] = []
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            labels.append(try mailbox(&cursor).text)
            blanksQuietly(&cursor)
        }
        return labels
    }

    // "BODY" section ["<" number ">"] SP nstring, and BINARY[…], BINARY.SIZE[…] of RFC 3516
    private mutating func sectionItem(
        _ cursor: inout ByteCursor, named name: Range<Int>, into message: inout FetchedMessage
    ) throws(SyntaxError) {
        cursor.position += 1
        let section = try section(&cursor)
        var origin: UInt64?
        if cursor.take(UInt8(ascii: "<")) {
            origin = try cursor.expectNumber()
            try cursor.expect(UInt8(ascii: ">"), "the end of an origin")
        }
        try space(&cursor)
        if cursor.equals(name, caseInsensitive: "BODY") || cursor.equals(name, caseInsensitive: "BODY.PEEK") {
            try sectionValue(&cursor, section, origin: origin, isBinary: false, into: &message)
        } else if cursor.equals(name, caseInsensitive: "BINARY") {
            try sectionValue(&cursor, section, origin: origin, isBinary: true, into: &message)
        } else if cursor.equals(name, caseInsensitive: "BINARY.SIZE"), section.kind == .content {
            var extras = message.extras ?? FetchedExtras()
            if let size = try looseNumber(&cursor) { extras.binarySizes.append(.init(part: section.part, size: size)) }
            message.extras = extras
        } else {
            let start = cursor.position
            try skipValue(&cursor)
            var extras = message.extras ?? FetchedExtras()
            let value = cursor.array(start..<cursor.position)
            extras.unknown.append(.init(name: cursor.text(name), value: value))
            message.extras = extras
        }
    }

    // nstring / literal8
    private mutating func sectionValue(
        _ cursor: inout ByteCursor, _ section: Section, origin: UInt64? = nil, isBinary: Bool,
        into message: inout FetchedMessage
    ) throws(SyntaxError) {
        context.section = section
        context.origin = origin
        context.isBinary = isBinary
        let data: FetchedSection.Data
        switch cursor.peek {
        case UInt8(ascii: "\""): data = .bytes(try quotedBytes(&cursor))
        case UInt8(ascii: "{"), UInt8(ascii: "~"):
            switch try literal(&cursor) {
            case .inline(let range): data = .bytes(cursor.array(range))
            case .collected(let bytes): data = .bytes(bytes)
            case .streamed(let size): data = .streamed(size)
            }
        default:
            guard takeNIL(&cursor) else { throw cursor.error("a string") }
            data = .absent
        }
        message.sections.append(FetchedSection(section: section, origin: origin, isBinary: isBinary, data: data))
    }

    // section-spec "]" = section-msgtext / (section-part ["." section-text])
    private mutating func section(_ cursor: inout ByteCursor) throws(SyntaxError) -> Section {
        var section = Section()
        while let number = cursor.takeNumber() {
            guard section.part.count < limits.nesting, let number = Int(exactly: number) else {
                throw cursor.error("a shorter part number")
            }
            section.part.append(number)
            if !cursor.take(UInt8(ascii: ".")) { break }
        }
        let word = cursor.takeRange(until: Self.sectionWordEnds)
        switch cursor.text(word).uppercased() {
        case "": section.kind = .content
        case "HEADER": section.kind = .header
        case "TEXT": section.kind = .text
        case "MIME": section.kind = .mime
        case "HEADER.FIELDS": section.kind = .headerFields(try fieldNames(&cursor))
        case "HEADER.FIELDS.NOT": section.kind = .headerFieldsExcept(try fieldNames(&cursor))
        default: throw cursor.error("a section")
        }
        try cursor.expect(UInt8(ascii: "]"), "the end of a section")
        return section
    }

    // header-list = "(" header-fld-name *(SP header-fld-name) ")"
    private mutating func fieldNames(_ cursor: inout ByteCursor) throws(SyntaxError) -> [String] {
        var names: [String] = []
        blanksQuietly(&cursor)
        try cursor.expect(UInt8(ascii: "("), "a list of field names")
        while !cursor.take(UInt8(ascii: ")")) {
            names.append(try astring(&cursor))
            blanksQuietly(&cursor)
        }
        return names
    }

    private static let sectionWordEnds = ByteSet(and: " ]()\r\n")
}
