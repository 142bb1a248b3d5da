/// The tree that a message is written as: only the multiparts that it needs.
enum Entity {
    case text(EncodedText, subtype: String)
    case attachment(OutgoingAttachment, isInline: Bool)
    case multipart(subtype: String, children: [Entity])

    init(_ message: OutgoingMessage, using generator: inout some RandomNumberGenerator) {
        var inline = message.inlineAttachments.map { attachment -> OutgoingAttachment in
            var attachment = attachment
            attachment.contentID = attachment.contentID ?? MessageComposer.token(24, using: &generator) + "@localhost"
            return attachment
        }
        var bodies: [Entity] = []
        if let text = message.text { bodies.append(.text(EncodedText(text), subtype: "plain")) }
        if let html = message.html {
            let body = Entity.text(EncodedText(html), subtype: "html")
            let files = inline.map { Entity.attachment($0, isInline: true) }
            bodies.append(files.isEmpty ? body : .multipart(subtype: "related", children: [body] + files))
            inline = []
        }
        let attachments =
            inline.map { Entity.attachment($0, isInline: true) }
            + message.attachments.map { Entity.attachment($0, isInline: false) }
        if bodies.isEmpty, attachments.isEmpty { bodies = [.text(EncodedText(""), subtype: "plain")] }
        let body = bodies.count > 1 ? [Entity.multipart(subtype: "alternative", children: bodies)] : bodies
        if attachments.isEmpty, let only = body.first {
            self = only
        } else {
            self = .multipart(subtype: "mixed", children: body + attachments)
        }
    }
}

/// Writes entities one after the other into segments.
struct EntityWriter {
    private var segments: [ComposedMessage.Segment] = []
    private var header: HeaderWriter
    private var literal: [UInt8] = []
    private let contents: [[UInt8]]
    private(set) var has8Bit = false

    /// No boundary may occur in `contents`, which are written unencoded.
    init(header: HeaderWriter, contents: [[UInt8]]) {
        self.header = header
        self.contents = contents
    }

    mutating func write(_ entity: Entity, using generator: inout some RandomNumberGenerator) {
        switch entity {
        case .text(let text, let subtype):
            let charset = HeaderWriter.parameter("charset", text.isASCII ? "us-ascii" : "utf-8")
            header.parameterized("Content-Type", "text/\(subtype)", [charset])
            endHeader(text.encoding)
            literal.append(contentsOf: text.bytes)
        case .attachment(let attachment, let isInline): write(attachment, isInline: isInline)
        case .multipart(let subtype, let children):
            let boundary = boundary(using: &generator)
            var parameters = [HeaderWriter.parameter("boundary", boundary)]
            if subtype == "related" { parameters.append(HeaderWriter.parameter("type", "text/html")) }
            header.parameterized("Content-Type", "multipart/\(subtype)", parameters)
            endHeader(nil)
            for child in children {
                append("--\(boundary)\r\n")
                write(child, using: &generator)
                append("\r\n")
            }
            append("--\(boundary)--\r\n")
        }
    }

    mutating func finish() -> [ComposedMessage.Segment] {
        flush()
        return segments
    }

    private mutating func append(_ text: String) { literal.append(contentsOf: text.utf8) }

    private mutating func endHeader(_ encoding: TransferEncoding?) {
        if let encoding { header.field("Content-Transfer-Encoding", [Array(encoding.rawValue.utf8)]) }
        literal.append(contentsOf: header.bytes)
        append("\r\n")
        header = HeaderWriter()
    }

    private mutating func flush() {
        guard !literal.isEmpty else { return }
        segments.append(.bytes(literal))
        literal = []
    }

    /// `=_` occurs neither in base64 nor in quoted-printable; what is unencoded is searched.
    private func boundary(using generator: inout some RandomNumberGenerator) -> String {
        while true {
            let boundary = "=_" + MessageComposer.token(24, using: &generator)
            let octets = Array(boundary.utf8)
            if !contents.contains(where: { EntityWriter.contains($0, octets) }) { return boundary }
        }
    }

    static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count, let first = wanted.first else { return false }
        for index in 0...(bytes.count - wanted.count)
        where bytes[index] == first && bytes[index..<(index + wanted.count)].elementsEqual(wanted) {
            return true
        }
        return false
    }

    /// Base64 keeps every octet; only a nested message must not be encoded (RFC 2046, section 5.2.1).
    private mutating func write(_ attachment: OutgoingAttachment, isInline: Bool) {
        var type = attachment.type.lowercased()
        var nested: NestedMessage?
        if type == "message/rfc822" {
            if case .bytes(let bytes) = attachment.content { nested = NestedMessage(bytes) }
            if nested == nil { type = "application/octet-stream" }
        }
        let name = attachment.name.map { FileName.sanitized($0) }.flatMap { $0.isEmpty ? nil : $0 }
        let fallback = name.map { [HeaderWriter.parameter("name", EntityWriter.asciiName($0))] }
        let charset = attachment.charset.map { [HeaderWriter.parameter("charset", $0)] } ?? []
        header.parameterized("Content-Type", type, charset + (fallback ?? []))
        header.parameterized(
            "Content-Disposition", isInline ? "inline" : "attachment",
            name.map { HeaderWriter.extendedParameter("filename", $0) } ?? [])
        if let id = attachment.contentID { header.messageIDs("Content-ID", [id]) }
        if let nested {
            has8Bit = has8Bit || nested.encoding == .eightBit
            endHeader(nested.encoding)
            literal.append(contentsOf: nested.bytes)
            return
        }
        endHeader(.base64)
        flush()
        switch attachment.content {
        case .bytes(let bytes): segments.append(.base64(bytes))
        case .source(let key, let size): segments.append(.source(key: key, size: size))
        }
    }

    /// For readers that know no RFC 2231.
    private static func asciiName(_ name: String) -> String {
        let ascii = name.map { $0.isASCII ? String($0) : "_" }.joined()
        guard ascii.utf8.count > 60 else { return ascii }
        guard FileName.hasExtension(ascii), let dot = ascii.lastIndex(of: ".") else { return String(ascii.prefix(60)) }
        return String(ascii.prefix(40)) + String(ascii[dot...])
    }
}

/// A message inside a message, which may only be written as it is.
private struct NestedMessage {
    let encoding: TransferEncoding
    let bytes: [UInt8]

    /// Nil where its lines are too long or have octets that no mail transport takes.
    init?(_ raw: [UInt8]) {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count + raw.count / 32)
        var lineStart = 0
        var isASCII = true
        for (index, byte) in raw.enumerated() {
            switch byte {
            case 0x00: return nil
            case 0x0D:
                guard index + 1 < raw.count, raw[index + 1] == 0x0A else { return nil }
            case 0x0A:
                guard result.count - lineStart <= Bounds.line else { return nil }
                result.append(contentsOf: [0x0D, 0x0A])
                lineStart = result.count
            default:
                if byte >= 0x80 { isASCII = false }
                result.append(byte)
            }
        }
        guard result.count - lineStart <= Bounds.line else { return nil }
        bytes = result
        encoding = isASCII ? .sevenBit : .eightBit
    }
}
