import Foundation
import Representation

enum JSONProbes {
    /// What we take for JSON, others do too, but for numbers beyond their floating point: we keep those as they are spelled.
    static func document(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let value = try? JSONParser.parse(bytes) else { return }
        _ = value.existing("/a/0/b")
        let hasExponent = bytes.indices.dropFirst().contains { index in
            bytes[index] | 0x20 == UInt8(ascii: "e") && bytes[index - 1] &- 0x30 < 10
        }
        if hasExponent { return }
        let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        try expect(other != nil, "Foundation does not read what we take for JSON: \(bytes)")
    }
}
