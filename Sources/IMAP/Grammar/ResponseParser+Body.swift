import Wire

/// BODYSTRUCTURE, the part of IMAP that servers get wrong most.
extension ResponseParser {
    // body = "(" (body-type-1part / body-type-mpart) ")"
    mutating func bodyStructure(_ cursor: inout ByteCursor, depth: Int) throws(SyntaxError) -> BodyStructure {
        guard depth < limits.nesting else { throw cursor.error("less nesting") }
        try cursor.expect(UInt8(ascii: "("), "a body")
        if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
        if cursor.peek == UInt8(ascii: "(") { return .multipart(try multipart(&cursor, depth: depth)) }
        let first = try nstring(&cursor)
        if let subtype = try emptyMultipartSubtype(&cursor, after: first) {
            note(.emptyMultipart)
            var multipart = BodyMultipart()
            multipart.subtype = subtype
            try multipartExtension(&cursor, into: &multipart)
            return .multipart(multipart)
        }
        return .single(try singlePart(&cursor, type: first ?? "", depth: depth))
    }

    /// The subtype of a multipart without parts, or nil for a single part.
    ///
    /// Forms met: `("ALTERNATIVE")`, `("X-ZIP" ("BOUNDARY" ""))`, `("RELATED" NIL ("ATTACHMENT" NIL) NIL)`, and
    /// `(NIL "alternative" ("boundary" "…"))`.
    private mutating func emptyMultipartSubtype(
        _ cursor: inout ByteCursor, after first: String?
    ) throws(SyntaxError) -> String? {
        blanksQuietly(&cursor)
        guard let first else { return cursor.peek == UInt8(ascii: "\"") ? try quoted(&cursor) : nil }
        switch cursor.peek {
        case UInt8(ascii: "("), UInt8(ascii: ")"): return first
        case UInt8(ascii: "N"), UInt8(ascii: "n"): return Self.topLevelTypes.contains(first.lowercased()) ? nil : first
        default: return nil
        }
    }

    private static let topLevelTypes: Set<String> = [
        "text", "image", "audio", "video", "application", "message", "model", "font", "example", "haptics",
    ]

    // body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    private mutating func multipart(_ cursor: inout ByteCursor, depth: Int) throws(SyntaxError) -> BodyMultipart {
        var multipart = BodyMultipart()
        while cursor.peek == UInt8(ascii: "(") {
            multipart.parts.append(try bodyStructure(&cursor, depth: depth + 1))
            if cursor.peek == UInt8(ascii: " ") { blanksQuietly(&cursor) }
        }
        if isAtListEnd(&cursor) {
            cursor.position += 1
            return multipart
        }
        multipart.subtype = try looseString(&cursor)
        try multipartExtension(&cursor, into: &multipart)
        return multipart
    }

    // body-ext-mpart = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]] ")"
    private mutating func multipartExtension(
        _ cursor: inout ByteCursor, into multipart: inout BodyMultipart
    ) throws(SyntaxError) {
        if try more(&cursor) { multipart.parameters = try parameters(&cursor) }
        multipart.extension = try commonExtension(&cursor)
    }

    // body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
    private mutating func singlePart(
        _ cursor: inout ByteCursor, type: String, depth: Int
    ) throws(SyntaxError) -> BodyPart {
        var part = BodyPart()
        part.type = type
        part.subtype = try looseString(&cursor)
        if try more(&cursor) { part.parameters = try parameters(&cursor) }
        if try more(&cursor) { part.id = try nstring(&cursor) }
        if try more(&cursor) { part.description = try nstring(&cursor) }
        if try more(&cursor) { part.encoding = try looseString(&cursor) }
        if try more(&cursor) { part.size = try looseNumber(&cursor) }
        if equals(type, "message"), equals(part.subtype, "rfc822") || equals(part.subtype, "global") {
            try embeddedMessage(&cursor, into: &part, depth: depth)
        } else if equals(type, "text") {
            try lineCount(&cursor, into: &part)
        }
        if try more(&cursor) {
            if cursor.peek == UInt8(ascii: "(") {
                // Parameters where the MD5 should be (dinhvh/libetpan#217).
                note(.strayList)
                try skipValue(&cursor)
            } else {
                part.md5 = try nstring(&cursor)
            }
        }
        part.extension = try commonExtension(&cursor)
        return part
    }

    // The rest of body-type-msg: SP envelope SP body SP body-fld-lines
    private mutating func embeddedMessage(
        _ cursor: inout ByteCursor, into part: inout BodyPart, depth: Int
    ) throws(SyntaxError) {
        guard try more(&cursor), cursor.peek == UInt8(ascii: "(") else { return note(.missingEmbeddedMessage) }
        let envelope = try envelope(&cursor)
        guard try more(&cursor) else { return note(.missingEmbeddedMessage) }
        if takeNIL(&cursor) {
            note(.missingEmbeddedMessage)
        } else {
            let body = try bodyStructure(&cursor, depth: depth + 1)
            part.message = EmbeddedMessage(envelope: envelope, body: body)
        }
        try lineCount(&cursor, into: &part)
    }

    // body-fld-lines = number64; what follows tells whether it was left out
    private mutating func lineCount(_ cursor: inout ByteCursor, into part: inout BodyPart) throws(SyntaxError) {
        guard try more(&cursor) else { return note(.missingLineCount) }
        guard let next = cursor.peek, next &- 0x30 < 10 || next == UInt8(ascii: "-") else {
            // NIL may be the line count or the MD5; then a string or NIL follows where MD5 was meant to be.
            return note(.missingLineCount)
        }
        part.lines = try looseNumber(&cursor)
    }

    // [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]] ")"
    private mutating func commonExtension(_ cursor: inout ByteCursor) throws(SyntaxError) -> BodyExtension {
        var result = BodyExtension()
        if try more(&cursor) { result.disposition = try disposition(&cursor) }
        if try more(&cursor) { result.languages = try languages(&cursor) }
        if try more(&cursor) { result.location = try location(&cursor) }
        while try more(&cursor) { try skipValue(&cursor) }
        try cursor.expect(UInt8(ascii: ")"), "the end of a body")
        return result
    }

    // body-fld-dsp = "(" string SP body-fld-param ")" / nil
    private mutating func disposition(_ cursor: inout ByteCursor) throws(SyntaxError) -> BodyDisposition? {
        if takeNIL(&cursor) { return nil }
        guard cursor.take(UInt8(ascii: "(")) else {
            note(.bareDisposition)
            return BodyDisposition(kind: try string(&cursor))
        }
        var disposition = BodyDisposition(kind: try looseString(&cursor))
        if try more(&cursor) { disposition.parameters = try parameters(&cursor) }
        while try more(&cursor) { try skipValue(&cursor) }
        try cursor.expect(UInt8(ascii: ")"), "the end of a disposition")
        return disposition
    }

    // body-fld-lang = nstring / "(" string *(SP string) ")"
    private mutating func languages(_ cursor: inout ByteCursor) throws(SyntaxError) -> [String] {
        guard cursor.take(UInt8(ascii: "(")) else { return try nstring(&cursor).map { [$0] } ?? [] }
        var result: [String] = []
        while try more(&cursor) {
            if let language = try nstring(&cursor) { result.append(language) }
        }
        try cursor.expect(UInt8(ascii: ")"), "the end of a list of languages")
        return result
    }

    // body-fld-loc = nstring
    private mutating func location(_ cursor: inout ByteCursor) throws(SyntaxError) -> String? {
        if cursor.peek == UInt8(ascii: "(") {
            try skipValue(&cursor)
            return nil
        }
        return try nstring(&cursor)
    }

    // body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
    private mutating func parameters(_ cursor: inout ByteCursor) throws(SyntaxError) -> [BodyParameter] {
        if takeNIL(&cursor) { return [] }
        if cursor.peek != UInt8(ascii: "(") {
            note(.bareAtom)
            _ = try string(&cursor)
            return []
        }
        cursor.position += 1
        var result: [BodyParameter] = []
        while try more(&cursor) {
            let name = try looseString(&cursor)
            guard try more(&cursor) else {
                note(.shortList)
                break
            }
            result.append(BodyParameter(name: name, value: try looseString(&cursor)))
        }
        try cursor.expect(UInt8(ascii: ")"), "the end of a list of parameters")
        return result
    }

    /// Steps over the space before the next field; false where the list closes instead.
    private mutating func more(_ cursor: inout ByteCursor) throws(SyntaxError) -> Bool {
        if cursor.take(UInt8(ascii: " ")), cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
        switch cursor.peek {
        case UInt8(ascii: ")"): return false
        case nil, UInt8(ascii: "\r"), UInt8(ascii: "\n"): throw cursor.error("the end of a body")
        default: return true
        }
    }

    /// A string; NIL counts as empty.
    private mutating func looseString(_ cursor: inout ByteCursor) throws(SyntaxError) -> String {
        if let string = try nstring(&cursor) { return string }
        note(.unexpectedNIL)
        return ""
    }

    private func equals(_ text: String, _ lowercase: StaticString) -> Bool {
        text.utf8.count == lowercase.utf8CodeUnitCount && text.lowercased() == lowercase.description
    }
}
