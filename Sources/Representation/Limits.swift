/// Every bound of this target.
enum Limits {
    /// Nested arrays and objects of a JSON text; our deepest request has four.
    static let jsonDepth = 32
    /// Values in one JSON text: a parsed one costs about 100 octets.
    static let jsonValues = 100_000
}
