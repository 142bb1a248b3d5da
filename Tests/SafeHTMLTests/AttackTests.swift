import SafeHTML
import Testing
import Wire

/// What attacks leave behind, and that a second parser finds nothing new in it.
@Suite struct `Attacks` {
    @Test func `leave nothing that runs or loads`() throws {
        for vector in try Vectors.all() {
            let safe = try #require(SafeHTML(vector, addresses: [:]), "\(vector)")
            #expect(faults(in: safe.html) == [], "\(vector)\n\(safe.html)")
        }
    }

    @Test func `are stable when sanitized again`() throws {
        for vector in try Vectors.all() { try expectStable(vector) }
    }

    @Test func `mixed and cut are stable and leave nothing`() throws {
        var random = SeededGenerator(seed: 20_261_123)
        let vectors = try Vectors.all().map { Array($0.utf8) }
        let pieces = Self.pieces.map { Array($0.utf8) }
        var refused = 0
        for _ in 0..<Self.mutations {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let source = (Bool.random(using: &random) ? vectors : pieces).randomElement(using: &random) ?? []
                let start = Int.random(in: 0...max(0, source.count / 2), using: &random)
                text += Bool.random(using: &random) ? source[...] : source[start...]
                if Int.random(in: 0..<4, using: &random) == 0, !text.isEmpty {
                    text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
                }
            }
            let html = String(decoding: text, as: UTF8.self)
            guard let safe = SafeHTML(html, addresses: nil) else {
                refused += 1
                continue
            }
            #expect(SafeHTML(safe.html, addresses: nil)?.html == safe.html, "\(html)")
            #expect(faults(in: safe.html) == [], "\(html)\n\(safe.html)")
        }
        // What does not become stable is refused; that must stay an exception.
        #expect(refused * 200 <= Self.mutations, "\(refused) of \(Self.mutations)")
    }

    private static let mutations = 400

    private static let pieces = """
        <table> <tr> <td> </td> </tr> </table> <tbody> <caption> <colgroup> <col> <p> </p> <a> </a> <a\thref=https://x.y> <b> </b> <i> </i> \
        <div> </div> <li> <ul> </ul> <dd> <dt> <h1> <h2> </h1> <pre> \n <form> </form> <button> </button> <select> <option> </select> <svg> </svg> \
        <math> </math> <mtext> <template> </template> <ruby> <rt> <nobr> <font\tcolor=red> </font> <center> <marquee> </marquee> <object> \
        </object> <frameset> <body> </body> <html> </html> <head> <style> </style> <title> </title> <!-- --> <br> </br> <hr> <img> <image> x &amp;
        """.split(separator: " ").map(String.init)

    private func expectStable(_ html: String) throws {
        let safe = try #require(SafeHTML(html, addresses: nil), "\(html)")
        #expect(SafeHTML(safe.html, addresses: nil)?.html == safe.html, "\(html)")
    }

    /// A second look by other means than the sanitizer's: every `<` opens or closes an allowed element in our own form,
    /// and every attribute is one of the few that we write.
    private func faults(in html: String) -> [String] {
        var faults: [String] = []
        for piece in html.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
            guard let end = piece.firstIndex(of: ">") else {
                faults.append("unclosed: \(piece)")
                continue
            }
            let tag = piece[..<end]
            let name = tag.drop { $0 == "/" }.prefix { $0 != " " }
            if !name.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber) }) || name.isEmpty {
                faults.append("name: \(tag)")
            }
            let forbidden = [
                "script", "style", "iframe", "object", "embed", "svg", "math", "form", "input", "button", "select",
                "textarea", "template", "link", "meta", "base", "title", "noscript", "xmp", "plaintext", "video",
                "audio",
            ]
            if forbidden.contains(String(name)) { faults.append("element: \(tag)") }
            let parts = tag.split(separator: "\"", omittingEmptySubsequences: false)
            if parts.count.isMultiple(of: 2) { faults.append("quotes: \(tag)") }
            for (index, part) in parts.enumerated() where index.isMultiple(of: 2) && part.hasSuffix("=") {
                let attribute = part.dropLast().split(separator: " ").last ?? ""
                let value = parts[index + 1].lowercased()
                if attribute.hasPrefix("on") || attribute.contains("srcset") || attribute == "background" {
                    faults.append("attribute: \(tag)")
                }
                if attribute == "src", !value.hasPrefix("cid:"), !value.hasPrefix("data:image/") {
                    faults.append("src: \(tag)")
                }
                if attribute == "href",
                    !["https://", "http://", "mailto:", "tel:", "#mail-"].contains(where: value.hasPrefix)
                {
                    faults.append("href: \(tag)")
                }
                if attribute == "style", value.contains("url") || value.contains("\\") || value.contains("position") {
                    faults.append("style: \(tag)")
                }
            }
        }
        return faults
    }
}
