import CLinux
import Glibc

/// A glibc converter to UTF-8: the only pointers of this target.
@safe final class Iconv {
    /// Why a conversion stopped.
    enum Stop {
        case end
        /// The octet after the consumed ones belongs to no character.
        case invalid
        /// The octets after the consumed ones begin a character that is not complete.
        case incomplete
    }

    private let descriptor: iconv_t

    /// Takes one of `Charset`'s own names, never a label from the wire: `//IGNORE` is part of a name.
    init?(_ name: String) {
        guard let opened = unsafe iconv_open("UTF-8", name), Int(bitPattern: opened) != -1 else { return nil }
        unsafe descriptor = opened
    }

    deinit {
        unsafe _ = iconv_close(descriptor)
    }

    /// Appends the UTF-8 of as many octets as can be converted, and says how many those were.
    func convert(_ input: Span<UInt8>, into output: inout [UInt8]) -> (consumed: Int, stop: Stop) {
        guard !input.isEmpty else { return (0, .end) }
        return unsafe input.withUnsafeBufferPointer { source in
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { target in
                let base = unsafe UnsafeMutableRawPointer(mutating: source.baseAddress)
                var read = unsafe base?.assumingMemoryBound(to: CChar.self)
                var readLeft = source.count
                while true {
                    var write = target.baseAddress
                    var writeLeft = target.count
                    let result = unsafe iconv(descriptor, &read, &readLeft, &write, &writeLeft)
                    let code = result == -1 ? errno : 0
                    let made = target.count - writeLeft
                    unsafe output.append(contentsOf: UnsafeRawBufferPointer(target).prefix(made))
                    switch code {
                    case 0: return (source.count - readLeft, .end)
                    case E2BIG where made > 0: continue
                    case EINVAL: return (source.count - readLeft, .incomplete)
                    default: return (source.count - readLeft, .invalid)
                    }
                }
            }
        }
    }

    /// Back to the initial shift state.
    func reset() {
        unsafe _ = iconv(descriptor, nil, nil, nil, nil)
    }
}
