import Testing
import Transport

@Suite struct DNSMessageTests {
    private func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private func record(_ owner: [UInt8], _ type: UInt8, _ data: [UInt8]) -> [UInt8] {
        owner + [0, type, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    }

    private func message(_ answers: [[UInt8]], question: [UInt8]? = nil, count: Int? = nil) -> [UInt8] {
        let asked = question ?? name("_imaps._tcp.example.org")
        return [0, 1, 0x81, 0x80, 0, 1, 0, UInt8(count ?? answers.count), 0, 0, 0, 0] + asked + [0, 33, 0, 1]
            + answers.flatMap { $0 }
    }

    /// The name that the question has, by a pointer to it.
    private let asked: [UInt8] = [0xC0, 12]

    @Test func `reads services, exchanges and addresses`() throws {
        let answer = message([
            record(asked, 33, [0, 1, 0, 2, 0x03, 0xE1] + name("Mail.Example.org")),
            record(asked, 33, [0, 0, 0, 0, 0, 0, 0]),
            // The target ends in the question's own domain.
            record(asked, 33, [0, 5, 0, 0, 0, 143] + [3] + Array("mx2".utf8) + [0xC0, 24]),
            record(asked, 5, name("alias.example.org")),
            record(asked, 15, [0, 10] + name("mx.example.org")),
            record(asked, 1, [192, 0, 2, 1]),
            record(asked, 28, [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]),
        ])
        let records = try #require(DNSMessage(answer)).records
        #expect(
            records == [
                .service(priority: 1, weight: 2, port: 993, target: "mail.example.org"),
                .service(priority: 0, weight: 0, port: 0, target: ""),
                .service(priority: 5, weight: 0, port: 143, target: "mx2.example.org"),
                .mailExchange(preference: 10, host: "mx.example.org"),
                .address(try #require(IPAddress("192.0.2.1"))), .address(try #require(IPAddress("2001:db8::1"))),
            ])
    }

    @Test func `every cut is an answer or none, and never a trap`() {
        let answer = message([
            record(asked, 33, [0, 1, 0, 2, 0x03, 0xE1] + name("mail.example.org")),
            record(asked, 15, [0, 10] + [0xC0, 24]),
        ])
        #expect(DNSMessage(answer)?.records.count == 2)
        for count in 0..<answer.count { #expect(DNSMessage(Array(answer.prefix(count))) == nil, "cut at \(count)") }
    }

    @Test func `a name that points at itself, forwards, or has no end is none`() {
        let place = UInt8(12 + name("_imaps._tcp.example.org").count + 4 + 12 + 6)
        for target: [UInt8] in [[0xC0, place], [0xC0, 0xFF], [0xFF, 0xFF], [0x40, 1], [63] + Array("short".utf8)] {
            #expect(DNSMessage(message([record(asked, 33, [0, 1, 0, 2, 0, 1] + target)])) == nil)
        }
        // A circle of two.
        let first = message([record([0xC0, 43], 1, [192, 0, 2, 1])])
        #expect(DNSMessage(first) == nil)
    }

    @Test func `names that are no host names are refused`() {
        for label in ["a b", "ü", "a\u{0}", "a/b"] {
            let target = [UInt8(label.utf8.count)] + Array(label.utf8) + [0]
            #expect(DNSMessage(message([record(asked, 33, [0, 1, 0, 2, 0, 1] + target)])) == nil, "\(label)")
        }
    }

    @Test func `survives mutation`() {
        let answer = message([
            record(asked, 33, [0, 1, 0, 2, 0x03, 0xE1] + name("mail.example.org")),
            record(asked, 15, [0, 10] + name("mx.example.org")), record(asked, 1, [192, 0, 2, 1]),
        ])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = answer
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if let message = DNSMessage(bytes) { #expect(message.records.count <= 64) }
        }
    }
}
