/// Every bound of a sanitizing.
enum Limits {
    /// Octets that are looked at.
    static let input = 4 << 20
    /// Octets that the tree may need: an octet of ordinary mail needs 10 to 30, the densest markup (`<b>` after `<b>`)
    /// about 150.
    static func memory(for input: Int) -> Int { min((8 << 20) + 192 * input, 384 << 20) }
    /// Processor time of one parse; 4 MB of ordinary mail need a fifth of it.
    static let milliseconds: UInt32 = 750
    /// Nested elements that are written; browsers themselves stop at 512.
    static let depth = 200
    /// Octets written for each octet read, and for free; reopened formatting elements multiply.
    static func output(for input: Int) -> Int { (256 << 10) + 16 * input }
    /// Parses until the output is its own sanitizing; real mail needs two.
    static let rounds = 6
    static let attributeValue = 16 << 10
    static let address = 8 << 10
    /// Octets of an image inside the text.
    static let dataImage = 2 << 20
    static let styleTokens = 64
}
