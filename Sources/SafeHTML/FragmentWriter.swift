import CGumbo
import Wire

/// Writes what may stay of a tree as HTML.
struct FragmentWriter: HTMLTreeVisitor {
    private(set) var output: [UInt8] = []
    private(set) var blockedRemote = 0
    /// Whether images show parts of the message.
    private(set) var hasParts = false

    /// Nil while `cid:` stays as it is.
    private let addresses: [String: String]?
    private let limit: Int
    /// For each open element, whether its end tag is to be written.
    private var open: [[UInt8]?] = []
    private var depth = 0
    /// Just behind `<pre>`, where a parser skips one line break.
    private var isPreStart = false

    init(limit: Int, addresses: [String: String]?) {
        self.limit = limit
        self.addresses = addresses
        output.reserveCapacity(min(limit, 1 << 20))
    }

    var wantsMore: Bool { output.count <= limit }

    mutating func open(_ element: HTMLElement, tag: GumboTag, attributes: [HTMLAttribute]) -> Bool {
        switch element.fate {
        case .dropped:
            if attributes.contains(where: { isRemote($0, of: tag) }) { blockedRemote += 1 }
            return false
        case .unwrapped where tag == GUMBO_TAG_BODY:
            openBody(attributes)
            return true
        case .unwrapped:
            // The `background`, `style` and `src` of what goes are as blocked as those of what stays.
            for attribute in attributes { note(attribute) }
            open.append(nil)
            return true
        case .kept, .preformatted:
            guard depth < Limits.depth else {
                if !element.isVoid { open.append(nil) }
                return !element.isVoid
            }
            write(element, element.fate == .kept ? attributes : [])
            guard !element.isVoid else { return false }
            open.append(element.name)
            depth += 1
            isPreStart = element.name == Self.pre
            return true
        }
    }

    mutating func close(_ element: HTMLElement) {
        guard let name = open.popLast() ?? nil else { return }
        output += "</".utf8
        output += name
        output.append(UInt8(ascii: ">"))
        depth -= 1
        isPreStart = false
    }

    mutating func text(_ text: [UInt8]) {
        var text = text[...]
        // Blanks before the first element are no part of a body for a parser.
        if output.isEmpty { text = text.drop { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains($0) } }
        guard !text.isEmpty else { return }
        if isPreStart, text.first == 0x0A { output.append(0x0A) }
        isPreStart = false
        escape(text, isAttribute: false)
    }

    /// What a sender sets on the body, on a `div` in its place.
    private mutating func openBody(_ attributes: [HTMLAttribute]) {
        var style = ""
        var kept: [HTMLAttribute] = []
        for attribute in attributes {
            switch attribute.name {
            case "bgcolor": style += "background-color:\(attribute.value);"
            case "text": style += "color:\(attribute.value);"
            case "dir", "lang": kept.append(attribute)
            default: if attribute.name != "style" { note(attribute) }
            }
        }
        // Later declarations win, as style does over the old attributes.
        style += attributes.first { $0.name == "style" }?.value ?? ""
        let filtered = StyleFilter.filter(style, blocked: &blockedRemote)
        guard !filtered.isEmpty || !kept.isEmpty else { return open.append(nil) }
        kept.append(HTMLAttribute(name: "style", value: String(decoding: filtered, as: UTF8.self)))
        write(HTMLElement[GUMBO_TAG_DIV], kept)
        open.append(Array("div".utf8))
        depth += 1
    }

    private mutating func write(_ element: HTMLElement, _ attributes: [HTMLAttribute]) {
        isPreStart = false
        output.append(UInt8(ascii: "<"))
        output += element.name
        for item in attributes { write(item, on: element) }
        output.append(UInt8(ascii: ">"))
    }

    private mutating func write(_ item: HTMLAttribute, on element: HTMLElement) {
        switch item.name {
        case "style":
            let style = StyleFilter.filter(item.value, blocked: &blockedRemote)
            if !style.isEmpty, style.count <= Limits.attributeValue { write("style", style[...]) }
        case "id": writeAnchor(item)
        case "name" where element.isLink: writeAnchor(item)
        case "href" where element.isLink:
            guard let address = LinkAddress.link(item.value) else { return }
            write("href", address)
            guard !address.hasPrefix("#") else { return }
            write("target", "_blank")
            write("rel", "noopener noreferrer nofollow")
        case "src" where element.isImage: writeSource(item.value)
        case "alt" where element.isImage: writeText("alt", item.value)
        default:
            note(item)
            switch AttributeRules.kind(of: item.name, on: element) {
            case .text: writeText(item.name, item.value)
            case .value: if AttributeRules.isValue(item.value) { write(item.name, item.value) }
            case .flag: write(item.name, "")
            case nil: return
            }
        }
    }

    private mutating func writeSource(_ value: String) {
        switch LinkAddress.image(value) {
        case .part(let id):
            hasParts = true
            if let addresses {
                if let address = addresses[id] { write("src", address) }
            } else {
                write("src", LinkAddress.ofPart(id))
            }
        case .data(let address): write("src", address)
        case .remote: blockedRemote += 1
        case .nothing: return
        }
    }

    private mutating func writeAnchor(_ item: HTMLAttribute) {
        let name = item.value.filter { !$0.isWhitespace }
        if !name.isEmpty, name.utf8.count <= 200 { write(item.name, Anchor.name(name)) }
    }

    private mutating func writeText(_ name: String, _ value: String) {
        if value.utf8.count <= Limits.attributeValue { write(name, value) }
    }

    private mutating func write(_ name: String, _ value: String) { write(name, Array(value.utf8)[...]) }

    private mutating func write(_ name: String, _ value: ArraySlice<UInt8>) {
        output.append(UInt8(ascii: " "))
        output += name.utf8
        output += "=\"".utf8
        escape(value, isAttribute: true)
        output.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: ArraySlice<UInt8>, isAttribute: Bool) {
        var start = text.startIndex
        for index in text.indices where Self.special.contains(text[index]) {
            let replacement: StaticString
            switch text[index] {
            case UInt8(ascii: "&"): replacement = "&amp;"
            case UInt8(ascii: "<"): replacement = "&lt;"
            case UInt8(ascii: ">"): replacement = "&gt;"
            case UInt8(ascii: "\"") where isAttribute: replacement = "&quot;"
            case UInt8(ascii: "`") where isAttribute: replacement = "&#96;"
            case UInt8(ascii: "\""), UInt8(ascii: "`"): continue
            case 0x0C: replacement = " "
            default: replacement = ""
            }
            output += text[start..<index]
            output += replacement.description.utf8
            start = index + 1
        }
        output += text[start...]
    }

    /// Counts an attribute that would have loaded something.
    private mutating func note(_ item: HTMLAttribute) {
        switch item.name {
        case "background", "poster", "srcset", "lowsrc", "dynsrc":
            if !item.value.isEmpty { blockedRemote += 1 }
        default: return
        }
    }

    private func isRemote(_ item: HTMLAttribute, of tag: GumboTag) -> Bool {
        let names = tag == GUMBO_TAG_LINK ? ["href"] : ["src", "srcset", "data", "poster"]
        return names.contains(item.name) && !item.value.isEmpty
    }

    private static let pre = Array("pre".utf8)
    /// Controls but tab and line feed (browsers differ on them), and what HTML means something by.
    private static let special = ByteSet(0x00...0x08, 0x0B...0x1F, 0x7F...0x7F, and: "&<>\"`")
}
