import Foundation
import IMAP
import Wire

/// A recorded session: `C:` and `S:` lines as in an RFC, each ended by CRLF on the wire; `#` comments.
///
/// `S|` is a line that a bare line feed ends, `S0` one that two NUL octets precede.
struct Transcript: CustomStringConvertible, Sendable {
    let name: String
    /// What the server sent, in one piece.
    let server: [UInt8]

    static let all = [
        "rfc9051", "dovecot", "gmail", "exchange", "yahoo", "courier", "icloud", "coremail", "rambler", "naver", "lark",
        "bluemind", "davmail", "zoho", "mailru", "odd",
    ].map { Transcript($0) }

    init(_ name: String) {
        self.name = name
        let url = Bundle.module.url(forResource: name, withExtension: "transcript", subdirectory: "Fixtures")
        let file = url.flatMap { try? Data(contentsOf: $0) } ?? Data()
        var server: [UInt8] = []
        for line in file.split(separator: 0x0A, omittingEmptySubsequences: false) {
            switch String(decoding: line.prefix(3), as: UTF8.self) {
            case "S: ": server += line.dropFirst(3) + [0x0D, 0x0A]
            case "S| ": server += line.dropFirst(3) + [0x0A]
            case "S0 ": server += [0, 0] + line.dropFirst(3) + [0x0D, 0x0A]
            default: break
            }
        }
        self.server = server
    }

    var description: String { name }

    /// All responses of the server.
    var responses: [IMAPResponse] { get throws { try Reading.all(server) } }

    var messages: [FetchedMessage] {
        get throws {
            try responses.compactMap { response in
                if case .untagged(.fetch(let message)) = response { message } else { nil }
            }
        }
    }
}

/// Framer and parser together, as a driver uses them, with large literals collected.
enum Reading {
    static func all(_ bytes: [UInt8], limits: IMAPLimits = IMAPLimits()) throws -> [IMAPResponse] {
        try all([bytes[...]], limits: limits)
    }

    static func all(_ pieces: [ArraySlice<UInt8>], limits: IMAPLimits = IMAPLimits()) throws -> [IMAPResponse] {
        var framer = ResponseFramer(limits: limits)
        var parser = ResponseParser(limits: limits)
        var result: [IMAPResponse] = []
        var literal: [UInt8] = []
        for piece in pieces {
            framer.input.append(piece)
            reading: while true {
                switch try framer.next() {
                case .needsMore: break reading
                case .response:
                    let literals = framer.frameLiterals
                    result.append(framer.withFrame { parser.parse($0, outOfLine: literals) })
                    framer.discardFrame()
                case .literalBegan: literal = []
                case .literalChunk(let chunk): literal += chunk
                case .literalEnded: framer.fillLastLiteral(literal)
                }
            }
        }
        return result
    }

    /// All deviations that were lived with.
    static func quirks(_ bytes: [UInt8]) throws -> Quirks {
        var framer = ResponseFramer()
        var parser = ResponseParser()
        var quirks: Quirks = []
        framer.input.append(bytes)
        while try framer.next() == .response {
            framer.withFrame { _ = parser.parse($0) }
            framer.discardFrame()
            quirks.formUnion(parser.quirks)
        }
        return quirks
    }

    /// One response.
    static func one(_ text: String) throws -> IMAPResponse? { try all(Array(text.utf8)).first }

    static func untagged(_ text: String) throws -> UntaggedResponse? {
        guard case .untagged(let response) = try one(text) else { return nil }
        return response
    }

    static func message(_ text: String) throws -> FetchedMessage? {
        guard case .fetch(let message) = try untagged(text) else { return nil }
        return message
    }
}
