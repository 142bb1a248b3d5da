/// Why a text is no XML that we read.
struct XMLFault: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// An element of a small XML document, read whole: what configuration files need, and nothing that could be made to grow.
///
/// No document type (so no entities of its own), no namespaces but as parts of names, bounded in size, depth and number.
struct XMLElement: Equatable {
    var name: String
    var attributes: [String: String] = [:]
    var children: [XMLElement] = []
    /// The text directly inside.
    var text = ""

    private init(name: String) { self.name = name }

    /// The root of a document in UTF-8.
    init(parsing octets: [UInt8]) throws(XMLFault) {
        guard octets.count <= Limits.configurationOctets else { throw XMLFault("is too long") }
        var reader = Reader(octets)
        self = try reader.document()
    }

    private struct Reader {
        private let octets: [UInt8]
        private var position = 0
        private var elements = 0

        init(_ octets: [UInt8]) { self.octets = octets }

        mutating func document() throws(XMLFault) -> XMLElement {
            if octets.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
            try skipMisc()
            guard take("<") else { throw XMLFault("is no XML") }
            return try element(depth: 1)
        }

        /// Blanks, comments and processing instructions.
        private mutating func skipMisc() throws(XMLFault) {
            while true {
                skipBlanks()
                if take("<?") {
                    try skip(to: "?>")
                } else if take("<!--") {
                    try skip(to: "-->")
                } else {
                    guard !starts(with: "<!") else { throw XMLFault("has a document type") }
                    return
                }
            }
        }

        /// Behind `<`.
        private mutating func element(depth: Int) throws(XMLFault) -> XMLElement {
            elements += 1
            guard depth <= Limits.configurationDepth, elements <= Limits.configurationElements else {
                throw XMLFault("is too deep or has too many elements")
            }
            var element = XMLElement(name: try name())
            while true {
                skipBlanks()
                if take("/>") { return element }
                if take(">") { break }
                let name = try name()
                skipBlanks()
                guard take("=") else { throw XMLFault("has an attribute without a value") }
                skipBlanks()
                guard let quote = next, quote == 0x22 || quote == 0x27 else {
                    throw XMLFault("has a value without quotes")
                }
                position += 1
                let start = position
                while let byte = next, byte != quote { position += byte == 0x3C ? octets.count : 1 }
                guard next == quote else { throw XMLFault("ends in a value") }
                element.attributes[name] = try Self.unescaped(octets[start..<position])
                position += 1
            }
            try content(of: &element, depth: depth)
            return element
        }

        private mutating func content(of element: inout XMLElement, depth: Int) throws(XMLFault) {
            while true {
                let start = position
                while let byte = next, byte != 0x3C { position += 1 }
                element.text += try Self.unescaped(octets[start..<position])
                if take("</") {
                    guard try name() == element.name else { throw XMLFault("closes an element that is not open") }
                    skipBlanks()
                    guard take(">") else { throw XMLFault("ends in a tag") }
                    return
                } else if take("<!--") {
                    try skip(to: "-->")
                } else if take("<![CDATA[") {
                    let start = position
                    try skip(to: "]]>")
                    element.text += String(decoding: octets[start..<position - 3], as: UTF8.self)
                } else if take("<?") {
                    try skip(to: "?>")
                } else if take("<") {
                    element.children.append(try self.element(depth: depth + 1))
                } else {
                    throw XMLFault("ends in an element")
                }
            }
        }

        private var next: UInt8? { position < octets.count ? octets[position] : nil }

        private func starts(with text: StaticString) -> Bool {
            octets[min(position, octets.count)...].starts(with: text.description.utf8)
        }

        private mutating func take(_ text: StaticString) -> Bool {
            guard starts(with: text) else { return false }
            position += text.utf8CodeUnitCount
            return true
        }

        private mutating func skipBlanks() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        }

        private mutating func skip(to text: StaticString) throws(XMLFault) {
            while position < octets.count {
                if take(text) { return }
                position += 1
            }
            throw XMLFault("ends too early")
        }

        private mutating func name() throws(XMLFault) -> String {
            let start = position
            while let byte = next, byte > 0x20, byte != 0x3E, byte != 0x2F, byte != 0x3D, byte != 0x3C, byte != 0x22 {
                position += 1
            }
            guard position > start else { throw XMLFault("has an element or attribute without a name") }
            return String(decoding: octets[start..<position], as: UTF8.self)
        }

        /// With the five entities that every document has, and characters by number.
        private static func unescaped(_ octets: ArraySlice<UInt8>) throws(XMLFault) -> String {
            let text = String(decoding: octets, as: UTF8.self)
            guard text.contains("&") else { return text }
            var result = ""
            var rest = text[...]
            while let start = rest.firstIndex(of: "&") {
                result += rest[..<start]
                guard let end = rest[start...].firstIndex(of: ";") else {
                    throw XMLFault("has a reference without an end")
                }
                let name = rest[rest.index(after: start)..<end]
                switch name {
                case "amp": result += "&"
                case "lt": result += "<"
                case "gt": result += ">"
                case "quot": result += "\""
                case "apos": result += "'"
                default:
                    let digits = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
                    guard name.hasPrefix("#"), let scalar = digits.flatMap(UnicodeScalar.init) else {
                        throw XMLFault("has an entity that it does not define")
                    }
                    result.unicodeScalars.append(scalar)
                }
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }
    }
}
