import Foundation
import Representation

enum JSONProbes {
    /// What we take for JSON, others do too.
    static func document(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let value = try? JSONParser.parse(bytes) else { return }
        _ = value.existing("/a/0/b")
        let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        try expect(other != nil, "Foundation does not read what we take for JSON")
    }
}
