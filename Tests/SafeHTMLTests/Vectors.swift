import Foundation
import Testing

/// The attacks of Fixtures/vectors.txt: one a line; lines that begin with `# ` are remarks, `\n`, `\t`, `\0` and `\r` are escapes.
enum Vectors {
    static func all() throws -> [String] {
        let file = try #require(Bundle.module.url(forResource: "Fixtures/vectors", withExtension: "txt"))
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return text.split(separator: "\n").filter { !$0.hasPrefix("# ") }.map { unescape(String($0)) }
    }

    private static func unescape(_ line: String) -> String {
        let escapes: [Character: Character] = ["n": "\n", "t": "\t", "0": "\0", "r": "\r"]
        var result = ""
        var isEscaped = false
        for character in line {
            if isEscaped {
                isEscaped = false
                if let escape = escapes[character] { result.append(escape) } else { result += "\\" + String(character) }
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
