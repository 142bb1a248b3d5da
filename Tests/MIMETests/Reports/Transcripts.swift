import FoundationEssentials
import Testing

/// Reports as mail servers write them, in `Fixtures/Reports`; names and addresses are changed.
///
/// The samples of RFC 5965, appendix B.2, and RFC 8098, section 9, are there too.
enum Transcripts {
    static func text(_ name: String) throws -> String {
        let octets = FileManager.default.contents(atPath: Fixture.folder + "Reports/\(name).report")
        return String(decoding: try #require(octets), as: UTF8.self)
    }

    static func crlf(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }
}
