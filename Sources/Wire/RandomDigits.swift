/// So many random letters of an alphabet that has 32 of them.
///
/// Twelve a draw: the system's generator is a system call.
package func randomDigits(
    _ count: Int, of alphabet: [UInt8], using generator: inout some RandomNumberGenerator
) -> [UInt8] {
    precondition(alphabet.count == 32)
    var bits: UInt64 = 0
    return (0..<count).map { index in
        if index % 12 == 0 { bits = generator.next() }
        defer { bits >>= 5 }
        return alphabet[Int(bits & 31)]
    }
}
