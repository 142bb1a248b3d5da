import Glibc

/// Standard output and standard error, whole lines at once and unbuffered: whoever started us may wait for them.
package enum StandardStream: Sendable {
    case output
    case error

    package func line(_ text: String) { write(Array((text + "\n").utf8)) }

    func write(_ bytes: [UInt8]) {
        let descriptor = self == .output ? STDOUT_FILENO : STDERR_FILENO
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
