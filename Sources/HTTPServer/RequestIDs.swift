import HTTP
import Synchronization

/// Names for requests: fifteen characters, so that Swift keeps them without allocating.
final class RequestIDs: Sendable {
    private let prefix: UInt64
    private let counter: Atomic<UInt64>

    init() {
        var generator = SystemRandomNumberGenerator()
        prefix = generator.next()
        counter = Atomic(generator.next() >> 32)
    }

    /// The client's `X-Request-Id` where it is 1 to 128 visible ASCII characters, else a new one: what is echoed into
    /// logs and headers must not carry anything else.
    func id(for request: HTTPRequest) -> String {
        let isUsable = request.fields.withValue(of: .requestID) { value in
            guard (1...128).contains(value.count) else { return false }
            for index in value.indices where !(0x21...0x7E).contains(value[index]) { return false }
            return true
        }
        if isUsable == true, let id = request.fields.values(of: .requestID).first { return id }
        return next()
    }

    func next() -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        var letters = [15 of UInt8](repeating: 0)
        for index in 0..<7 { letters[index] = Self.letter(prefix >> UInt64(5 * index)) }
        for index in 0..<8 { letters[14 - index] = Self.letter(number >> UInt64(5 * index)) }
        guard let text = try? UTF8Span(validating: letters.span) else { return "" }
        return String(copying: text)
    }

    /// Digits and letters without those that are mistaken for others.
    private static func letter(_ bits: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 31)
        if value < 10 { return 0x30 + value }
        return alphabet[Int(value) - 10]
    }

    private static let alphabet = Array("abcdefghjkmnpqrstvwxyz".utf8)
}
