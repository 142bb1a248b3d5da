import Testing
import Wire

@Suite struct InputBufferTests {
    @Test func `gives back what was appended, in order, however it is cut`() {
        var generator = SystemRandomNumberGenerator()
        var buffer = InputBuffer()
        var written: UInt8 = 0
        var read: UInt8 = 0
        for _ in 0..<2000 {
            let chunk = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
                defer { written &+= 1 }
                return written
            }
            buffer.append(chunk)
            for byte in buffer.take(Int.random(in: 0...buffer.count, using: &generator)) {
                #expect(byte == read)
                read &+= 1
            }
        }
    }

    @Test func `finds an octet counted from the unread front`() {
        var buffer = InputBuffer(Array("ab\ncd\n".utf8))
        buffer.consume(3)
        #expect(buffer.firstIndex(of: 10) == 2)
        #expect(buffer.firstIndex(of: 10, from: 3) == nil)
    }
}
