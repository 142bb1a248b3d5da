import Testing
import Transport
import Wire

@Suite struct DeflateTests {
    @Test(arguments: [0, 1, 100, 70_000, 1_000_000]) func `gives back what went in`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let deflater = try Deflater()
        let inflater = try Inflater()
        var input = InputBuffer(try deflater.deflate(bytes) + deflater.deflate(Array("A1 NOOP\r\n".utf8)))
        var output = InputBuffer()
        while try inflater.inflate(&input, into: &output, limit: 4_096) > 0 {}
        #expect(input.isEmpty)
        #expect(output.takeAll() == bytes + Array("A1 NOOP\r\n".utf8))
    }

    @Test func `takes octets one by one`() throws {
        let text = Array("* 1 EXISTS\r\n* 1 EXISTS\r\n".utf8)
        let compressed = try Deflater().deflate(text)
        let inflater = try Inflater()
        var output = InputBuffer()
        for octet in compressed {
            var input = InputBuffer([octet])
            while try inflater.inflate(&input, into: &output, limit: 7) > 0 {}
            #expect(input.isEmpty)
        }
        #expect(output.takeAll() == text)
    }

    /// 64 MB of zeros in 64 kB: each call gives no more than it was allowed, and the rest stays compressed.
    @Test func `lets out no more of a bomb than was asked for`() throws {
        let deflater = try Deflater()
        var bomb = InputBuffer(try deflater.deflate([UInt8](repeating: 0, count: 64 << 20)))
        #expect(bomb.count < 512 << 10)
        let inflater = try Inflater()
        var output = InputBuffer()
        var total = 0
        while true {
            let count = try inflater.inflate(&bomb, into: &output, limit: 65_536)
            #expect(count <= 65_536 && output.count == count)
            guard count > 0 else { break }
            total += count
            output.consume(count)
        }
        #expect(total == 64 << 20)
    }

    @Test func `refuses what is no such stream`() throws {
        var input = InputBuffer(Array("* OK this was never compressed\r\n".utf8))
        var output = InputBuffer()
        #expect(throws: DeflateError.corrupt) {
            let inflater = try Inflater()
            while try inflater.inflate(&input, into: &output, limit: 100) > 0 {}
            // What ends in the middle is found out by whoever waits for more; here it must not look well.
            throw output.isEmpty ? DeflateError.corrupt : DeflateError.outOfMemory
        }
    }
}
