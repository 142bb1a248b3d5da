import SafeHTML

enum HTMLProbes {
    private static let forbidden = [
        "<script", "<iframe", "<object", "<embed", "<link", "<meta", "<base", "<style", "<form",
    ]

    static func fragment(_ bytes: [UInt8]) throws(BrokenPromise) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let safe = SafeHTML(text, addresses: nil) else { return }
        let html = safe.html.lowercased()
        for element in forbidden { try expect(!html.contains(element), "safe html with \(element)") }
        try expect(SafeHTML(safe.html, addresses: nil)?.html == safe.html, "safe html that is not stable")
        try expect(
            html.utf8.count <= 16 * bytes.count + 4_096, "\(bytes.count) octets of html became \(html.utf8.count)")
    }
}
