import MIME
import Testing

@Suite struct SkeletonTests {
    private func skeleton(_ bytes: [UInt8], piece: Int = .max) -> MessageSkeleton {
        var skeleton = MessageSkeleton(limit: .max)
        var rest = bytes[...]
        while !rest.isEmpty {
            skeleton.add(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        return skeleton
    }

    /// Number, type and name of each part, and where its content lies.
    private func shape(_ message: ParsedMessage, _ range: (MessagePart) -> Range<Int>) -> [String] {
        message.parts.map { part in
            let content = part.node.isMultipart ? "" : "\(range(part))"
            return "\(part.node.number) \(part.node.mediaType) \(part.node.fileName) \(part.node.encoding) \(content)"
        }
    }

    @Test(arguments: Fixture.all) func `finds the parts where the whole message has them`(fixture: Fixture) {
        for bytes in [fixture.bytes, fixture.withLineFeeds] {
            let whole = ParsedMessage(parsing: bytes)
            for piece in [1, 2, 3, 7, 64, .max] {
                var skeleton = skeleton(bytes, piece: piece)
                let parsed = skeleton.parse()
                #expect(skeleton.size == bytes.count)
                #expect(shape(parsed, skeleton.range(of:)) == shape(whole, \.bodyRange), "pieces of \(piece)")
            }
        }
    }

    @Test func `keeps little of a large message`() {
        let line = Array((String(repeating: "QUJD", count: 19) + "\r\n").utf8)
        var bytes = Array(
            "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                .utf8)
        for _ in 0..<5_000 { bytes += line }
        bytes += Array("--b--\r\n".utf8)
        var skeleton = skeleton(bytes, piece: 4_096)
        let parsed = skeleton.parse()
        #expect(parsed.raw.count < 4_000)
        let whole = ParsedMessage(parsing: bytes)
        #expect(parsed.parts.map { skeleton.range(of: $0) } == whole.parts.map(\.bodyRange))
        #expect(whole.parts.count == 3)
    }

    @Test func `a limit bounds what is kept`() {
        var skeleton = MessageSkeleton(limit: 100)
        skeleton.add(Array(String(repeating: "X-Field: value\r\n", count: 100).utf8))
        #expect(skeleton.parse().raw.count == 100)
        #expect(skeleton.size == 1_600)
    }
}
