import FoundationEssentials
import MIME

/// The messages under `Fixtures`, each with the golden JSON of what must be read out of it.
///
/// `MAILBRIDGE_RECORD=1` writes the goldens anew; read the difference before it is committed.
struct Fixture: Sendable, CustomStringConvertible {
    let name: String
    let bytes: [UInt8]

    var description: String { name }

    static let folder = String(#filePath.dropLast("Fixture.swift".count)) + "Fixtures/"
    static let isRecording = ProcessInfo.processInfo.environment["MAILBRIDGE_RECORD"] == "1"

    static let all: [Fixture] = ["rfc", "legacy", "malformed"].flatMap(fixtures(in:))

    private static func fixtures(in group: String) -> [Fixture] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder + group)) ?? []
        var fixtures: [Fixture] = []
        for file in files.sorted() where file.hasSuffix(".eml") {
            guard let data = FileManager.default.contents(atPath: folder + group + "/" + file) else { continue }
            fixtures.append(Fixture(name: group + "/" + file.dropLast(4), bytes: [UInt8](data)))
        }
        return fixtures
    }

    /// The same message with the other line end.
    var withLineFeeds: [UInt8] { bytes.filter { $0 != 0x0D } }

    var golden: String? {
        FileManager.default.contents(atPath: Fixture.folder + name + ".json").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func record(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: Fixture.folder + name + ".json"))
    }
}

/// Everything that was understood of a message, as JSON with a fixed order.
struct Golden {
    private var lines: [String] = []

    static func of(_ bytes: [UInt8]) -> String {
        let message = ParsedMessage(parsing: bytes)
        let headers = message.headers
        var golden = Golden()
        golden.add("subject", headers.subject.map(quoted))
        for (name, addresses) in [
            ("from", headers.from), ("sender", headers.sender), ("replyTo", headers.replyTo), ("to", headers.to),
            ("cc", headers.cc), ("bcc", headers.bcc),
        ] where !addresses.isEmpty {
            golden.add(
                name,
                list(addresses.map { "{\"name\": \($0.name.map(quoted) ?? "null"), \"email\": \(quoted($0.email))}" }))
        }
        golden.add(
            "date",
            headers.date.map {
                "{\"milliseconds\": \($0.millisecondsSinceEpoch), \"offset\": \($0.offsetMinutes.map(String.init) ?? "null")}"
            })
        golden.add("messageId", headers.messageID.map(quoted))
        golden.add("inReplyTo", headers.inReplyTo.isEmpty ? nil : list(headers.inReplyTo.map(quoted)))
        golden.add("references", headers.references.isEmpty ? nil : list(headers.references.map(quoted)))
        var problems = message.problems
        golden.add("parts", list(message.parts.map { part(message, $0.node) }))
        let selection = message.selection
        for (name, nodes) in [("text", selection.textBody), ("html", selection.htmlBody)] {
            let bodies = nodes.map { node in
                guard node.type == "text", let index = message.index(number: node.number) else {
                    return "<\(node.number)>"
                }
                let body = message.text(of: index)
                problems.formUnion(body.problems)
                return body.text
            }
            golden.add(name, list(bodies.map(quoted)))
        }
        if let first = selection.textBody.first(where: { $0.type == "text" }),
            let index = message.index(number: first.number)
        {
            let text = message.text(of: index).text
            golden.add("preview", quoted(first.subtype == "html" ? Preview.of(html: text) : Preview.of(text: text)))
            if first.subtype == "html" { golden.add("htmlToText", quoted(htmlToText(text))) }
        }
        golden.add("attachments", list(selection.attachments.map { quoted($0.number) }))
        golden.add("hasAttachment", "\(selection.hasAttachment)")
        golden.add("problems", list(problems.sorted().map { quoted($0.rawValue) }))
        return "{\n" + golden.lines.joined(separator: ",\n") + "\n}\n"
    }

    private mutating func add(_ name: String, _ value: String?) {
        if let value { lines.append("  \"\(name)\": \(value)") }
    }

    private static func part(_ message: ParsedMessage, _ node: PartNode) -> String {
        var members = ["\"id\": \(quoted(node.number))", "\"type\": \(quoted(node.mediaType))"]
        if !node.parameters.entries.isEmpty {
            let entries = node.parameters.entries.map { "\(quoted($0.name)): \(quoted($0.value))" }
            members.append("\"parameters\": {\(entries.joined(separator: ", "))}")
        }
        if let disposition = node.disposition { members.append("\"disposition\": \(quoted(disposition.kind))") }
        if let contentID = node.contentID { members.append("\"cid\": \(quoted(contentID))") }
        if !node.isMultipart {
            members.append("\"name\": \(quoted(node.fileName))")
            members.append("\"encoding\": \(quoted(node.encoding.rawValue))")
        }
        if node.encoding == .base64, let index = message.index(number: node.number) {
            let content = message.content(of: index)
            members.append("\"content\": \"\(content.map { String($0, radix: 16) }.joined(separator: " "))\"")
        }
        return "{" + members.joined(separator: ", ") + "}"
    }

    private static func list(_ items: [String]) -> String {
        items.count < 2 ? "[\(items.joined())]" : "[\n    " + items.joined(separator: ",\n    ") + "\n  ]"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let code = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
