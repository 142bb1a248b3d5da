import MIME
import Wire

enum MIMEProbes {
    /// All that the API shows of a message.
    static func message(_ bytes: [UInt8]) throws(BrokenPromise) {
        let message = ParsedMessage(parsing: bytes)
        let selection = BodySelection(message.root)
        _ = (selection.textBody.count, selection.htmlBody.count, message.headers.subject)
        for index in message.parts.indices {
            let range = message.parts[index].bodyRange
            try expect(
                range.lowerBound >= 0 && range.upperBound <= bytes.count, "a part outside of its message: \(range)")
            let content = message.content(of: index)
            try expect(content.count <= 2 * range.count + 64, "\(range.count) octets of a part became \(content.count)")
            let text = message.text(of: index).text
            let preview = Preview.of(text: text)
            try expect(preview.count <= 256, "a preview of \(preview.count) characters")
            if message.parts[index].node.mediaType == "text/html" { _ = Preview.of(html: text) }
        }
        var editor = HeaderEditor(bytes)
        editor.remove("Bcc")
        try expect(!editor.contains("Bcc"), "a Bcc that was taken out is there")
    }

    /// What is told of recipients is short, and fit for a header or a log.
    static func reports(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let report = MailReport(parsing: bytes) else { return }
        try expect(!report.recipients.isEmpty, "a report of nobody")
        try expect(report.recipients.count <= 2_000, "\(report.recipients.count) recipients")
        for recipient in report.recipients {
            try expect((recipient.text ?? "").count <= 500, "a text of \(recipient.text?.count ?? 0) characters")
            try expect(recipient.text?.contains("\n") != true, "a text of two lines")
        }
    }

    static func headers(_ bytes: [UInt8]) throws(BrokenPromise) {
        let headers = Headers(parsing: bytes)
        _ = (headers.subject, headers.date, headers.references, headers.problems)
        for field in headers.fields { _ = headers.text(of: field) }
        for name in ["From", "To", "Cc", "Reply-To"] { _ = headers.addresses(name) }
        for group in AddressGroup.parse(bytes) {
            for address in group.addresses where address.validate() == nil {
                try expect(!address.email.contains("\n"), "a valid address with a line feed")
            }
        }
        _ = (
            ContentType(parsing: bytes)?.charset, ContentDisposition(parsing: bytes)?.kind, MessageDate(parsing: bytes)
        )
        if let results = AuthenticationResults(parsing: bytes) {
            try expect(!results.authservID.contains("\n"), "a server's name of two lines")
            try expect(results.statements.count <= 50, "\(results.statements.count) results")
        }
        let list = Headers(fields: [HeaderField(name: "List-Unsubscribe", rawValue: bytes)])
        for address in list.listAddresses("List-Unsubscribe") {
            try expect(address.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "an address of a list with blanks")
        }
        _ = Punycode.asciiDomain(String(decoding: bytes, as: UTF8.self))
    }

    /// Transfer encodings and charsets; the first octet says which.
    static func bodies(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let first = bytes.first else { return }
        let encodings = ["7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "unknown"]
        let charsets = [
            "utf-8", "us-ascii", "iso-2022-jp", "windows-1252", "utf-7", "shift_jis", "gb18030", "euc-kr", "big5",
            "koi8-r",
            "utf-16", nil, "no-such",
        ]
        let encoding = TransferEncoding(label: encodings[Int(first) % encodings.count])
        let charset = charsets[Int(first) / encodings.count % charsets.count]
        let rest = Array(bytes.dropFirst())
        let decoded = decode(encoding, [rest[...]])
        try expect(decoded == decode(encoding, pieces(rest)), "\(encoding) differs where it arrives in two pieces")
        try expect(decoded.count <= rest.count + 64, "\(encoding) made \(decoded.count) octets of \(rest.count)")
        let text = convert(charset, [rest[...]])
        // Without a charset that says something, each piece is judged by itself.
        if let charset, !["us-ascii", "no-such"].contains(charset) {
            try expect(text == convert(charset, pieces(rest)), "\(charset) differs where it arrives in two pieces")
        }
        try expect(text.count <= 8 * rest.count + 64, "\(charset ?? "none") made \(text.count) octets of \(rest.count)")
        try expect(String(validating: text, as: UTF8.self) != nil, "\(charset ?? "none") made what is no UTF-8")
        _ = htmlToText(String(decoding: rest, as: UTF8.self))
    }

    private static func decode(_ encoding: TransferEncoding, _ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        var decoder = TransferDecoder(encoding)
        return pieces.flatMap { decoder.decode(Array($0)) } + decoder.finish()
    }

    private static func convert(_ charset: String?, _ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        var decoder = CharsetDecoder(label: charset)
        return pieces.flatMap { decoder.decode(Array($0)) } + decoder.finish()
    }
}
