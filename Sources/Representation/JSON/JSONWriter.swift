/// Writes one JSON text (RFC 8259) into octets, members in the order in which they are written.
///
/// Answers are written by hand and not encoded by reflection: the order is declared, null is explicit, and it is several
/// times as quick.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(reserving capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    /// The octets of one value.
    package static func bytes(of value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    /// The octets of one object.
    package static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(members)
        return writer.bytes
    }

    package mutating func value(_ value: some JSONWritable) {
        separate()
        value.write(to: &self)
        needsComma = true
    }

    package mutating func null() { literal("null") }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array<Elements: Sequence>(
        _ elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        for element in elements { write(&self, element) }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// One member; nil is written as null.
    package mutating func member(_ name: String, _ value: (some JSONWritable)?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// One member that is an object.
    package mutating func member(_ name: String, object members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    package mutating func member(_ name: String, array elements: some Sequence<some JSONWritable>) {
        self.name(name)
        array(elements) { writer, element in writer.value(element) }
    }

    /// A member's name; its value must be written next.
    package mutating func name(_ name: String) {
        separate()
        append(escaped: name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// One member whose value is JSON already: an object that was written and kept.
    package mutating func member(_ name: String, json octets: [UInt8]) {
        self.name(name)
        separate()
        bytes.append(contentsOf: octets)
        needsComma = true
    }

    /// A number or a word, as it is to stand there.
    mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    mutating func string(_ text: String) {
        separate()
        append(escaped: text)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// Escapes what section 7 demands, and U+2028 and U+2029, which once broke JavaScript; all else goes out as UTF-8.
    private mutating func append(escaped text: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if let first = bytes[start...].firstIndex(where: Self.mayNeedEscape) {
            let rest = Array(bytes[first...])
            bytes.removeSubrange(first...)
            appendEscaped(rest)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F || byte == 0xE2
    }

    private mutating func appendEscaped(_ text: [UInt8]) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case 0x08: bytes.append(contentsOf: [0x5C, UInt8(ascii: "b")])
            case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
            case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
            case 0x0C: bytes.append(contentsOf: [0x5C, UInt8(ascii: "f")])
            case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
            case 0x00..<0x20, 0x7F: append(unit: UInt16(byte))
            case 0xE2 where index + 1 < text.count && text[index] == 0x80 && text[index + 1] & 0xFE == 0xA8:
                append(unit: 0x2028 + UInt16(text[index + 1] & 1))
                index += 2
            default: bytes.append(byte)
            }
        }
    }

    private mutating func append(unit: UInt16) {
        bytes.append(contentsOf: [0x5C, UInt8(ascii: "u")])
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 15
            bytes.append(digit < 10 ? digit + 0x30 : digit + 0x57)
        }
    }
}
