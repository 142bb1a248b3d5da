import Foundation

/// RFC 3501, section 5.1.3: names of mailboxes in modified UTF-7, without any of the code that is tested.
extension IMAPProbe {
    package static func wireName(_ name: String) -> String {
        var result = ""
        var foreign: [UInt8] = []
        func flush() {
            guard !foreign.isEmpty else { return }
            let base64 = Data(foreign).base64EncodedString().replacing("/", with: ",").replacing("=", with: "")
            result += "&\(base64)-"
            foreign = []
        }
        for unit in name.utf16 {
            if (0x20...0x7E).contains(unit) {
                flush()
                result += unit == 0x26 ? "&-" : String(UnicodeScalar(UInt8(unit)))
            } else {
                foreign += [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            }
        }
        flush()
        return result
    }

    /// The name that `wireName` made.
    package static func mailboxName(_ wire: String) -> String {
        var result = ""
        var rest = wire[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: "-") else { return wire }
            let code = rest[rest.index(after: start)..<end].replacing(",", with: "/")
            let padding = String(repeating: "=", count: (4 - code.count % 4) % 4)
            let octets = [UInt8](Data(base64Encoded: code + padding) ?? Data())
            let units = stride(from: 0, to: octets.count - 1, by: 2).map {
                UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1])
            }
            result += code.isEmpty ? "&" : String(decoding: units, as: UTF16.self)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
