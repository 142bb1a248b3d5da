/// Octets that nobody can guess: Swift's system generator is the kernel's `getrandom` on Linux.
package enum RandomOctets {
    package static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in generator.next() }
    }
}
