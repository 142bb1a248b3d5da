import MIME
import Model

/// The text of a message inside the one that answers it or passes it on.
struct OriginalQuote {
    let text: String
    let html: String

    init(_ original: Message, isForward: Bool) {
        let plain = original.text ?? original.html.map { htmlToText($0) } ?? ""
        let rich = original.html ?? Self.html(of: plain)
        let date = Self.date(original)
        if isForward {
            let head = Self.head(original, date: date)
            text =
                "---------- Forwarded message ----------\n"
                + head.map { "\($0.name): \($0.value)\n" }.joined() + "\n" + plain
            html =
                "<div>---------- Forwarded message ----------<br>"
                + head.map { "\($0.name): \(Self.escaped($0.value))<br>" }.joined() + "</div><br>" + rich
        } else {
            let author = original.from.first.map { $0.name ?? $0.email } ?? ""
            let line = "On \(date), \(author) wrote:"
            text = line + "\n" + Self.quoted(plain)
            html = "<div>\(Self.escaped(line))</div><blockquote type=\"cite\">\(rich)</blockquote>"
        }
    }

    private static func date(_ original: Message) -> String {
        MessageDate(millisecondsSinceEpoch: (original.sentAt ?? original.receivedAt).milliseconds).fieldValue ?? ""
    }

    private static func head(_ original: Message, date: String) -> [(name: String, value: String)] {
        func list(_ people: [Correspondent]) -> String {
            people.map { person in person.name.map { "\($0) <\(person.email)>" } ?? person.email }
                .joined(separator: ", ")
        }
        var lines = [(name: "From", value: list(original.from)), (name: "Date", value: date)]
        lines.append((name: "Subject", value: original.subject ?? ""))
        lines.append((name: "To", value: list(original.to)))
        if !original.cc.isEmpty { lines.append((name: "Cc", value: list(original.cc))) }
        return lines
    }

    /// `> ` before each line, and before one that is a quote already only `>` (RFC 3676, section 4.5).
    private static func quoted(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0.isEmpty || $0.hasPrefix(">") ? ">\($0)" : "> \($0)" }.joined(separator: "\n") + "\n"
    }

    private static func html(of text: String) -> String {
        "<div style=\"white-space:pre-wrap\">\(escaped(text))</div>"
    }

    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): result += "&amp;".utf8
            case UInt8(ascii: "<"): result += "&lt;".utf8
            case UInt8(ascii: ">"): result += "&gt;".utf8
            case UInt8(ascii: "\""): result += "&quot;".utf8
            case UInt8(ascii: "'"): result += "&#39;".utf8
            default: result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
