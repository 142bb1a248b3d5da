/// What a server said in answer to CAPA (RFC 2449, 2595, 3206, 5034, 6856).
package struct POP3Capabilities: Sendable, Equatable {
    /// How long a server keeps messages by its own will.
    package enum Expiry: Sendable, Equatable {
        case never
        case days(Int)

        /// Nil where it never deletes any.
        package var days: Int? { if case .days(let days) = self { days } else { nil } }
    }

    /// Whether CAPA was answered at all; where not, everything may be there and must be tried.
    package private(set) var isKnown = false
    /// The first words of the lines, upper case, in their order.
    package private(set) var names: [String] = []
    package private(set) var mechanisms: [String] = []
    package private(set) var expiry: Expiry?
    /// Seconds between two logins.
    package private(set) var loginDelay: Int?
    package private(set) var implementation: String?
    /// Whether USER and PASS may be in UTF-8 after the command UTF8.
    package private(set) var takesUTF8Credentials = false

    package static let unknown = POP3Capabilities()

    private init() {}

    package init(lines: [String]) {
        isKnown = true
        for line in lines {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let name = words.first?.uppercased(), !names.contains(name) else { continue }
            names.append(name)
            switch name {
            case "SASL": mechanisms = words.dropFirst().map { $0.uppercased() }
            case "LOGIN-DELAY": loginDelay = words.dropFirst().first.flatMap { Int($0) }.map { min(max($0, 0), 86_400) }
            case "EXPIRE":
                let argument = words.dropFirst().first
                expiry = argument?.uppercased() == "NEVER" ? .never : argument.flatMap { Int($0) }.map { .days($0) }
            case "IMPLEMENTATION": implementation = words.dropFirst().joined(separator: " ")
            case "UTF8": takesUTF8Credentials = words.dropFirst().contains { $0.uppercased() == "USER" }
            default: break
            }
        }
    }

    package func offers(_ name: String) -> Bool { names.contains(name) }

    /// Whether it may be tried: it is offered, or nobody knows.
    package func mayHave(_ name: String) -> Bool { !isKnown || offers(name) }

    package var pipelines: Bool { offers("PIPELINING") }
}
