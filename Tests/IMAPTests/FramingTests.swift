import IMAP
import Testing
import Wire

@Suite struct FramingTests {
    @Test(arguments: Transcript.all)
    func `reads the same whole and octet by octet`(transcript: Transcript) throws {
        let whole = try transcript.responses
        let single = try Reading.all(transcript.server.indices.map { transcript.server[$0...$0] })
        #expect(!whole.isEmpty)
        #expect(whole == single)
    }

    @Test(arguments: Transcript.all)
    func `reads the same when cut at every octet`(transcript: Transcript) throws {
        // A window of the session around each cut keeps this linear.
        let server = transcript.server
        for start in stride(from: 0, to: server.count, by: 400) {
            let window = server[start..<min(server.count, start + 1_000)]
            let whole = try? Reading.all([window])
            for cut in window.indices.prefix(400) {
                let parts = try? Reading.all([window[..<cut], window[cut...]])
                #expect(whole == parts, "cut at \(cut)")
            }
        }
    }

    @Test(arguments: Transcript.all.filter { $0.name != "odd" })
    func `gives the same values when every literal is streamed`(transcript: Transcript) throws {
        var limits = IMAPLimits()
        limits.inlineLiteral = 0
        let streamed = try Reading.all(transcript.server, limits: limits)
        #expect(streamed == (try transcript.responses))
    }

    @Test func `asks for more on an empty line`() throws {
        var framer = ResponseFramer()
        #expect(try framer.next() == .needsMore)
        framer.input.append(Array("* OK".utf8))
        #expect(try framer.next() == .needsMore)
        framer.input.append(Array("\r\n".utf8))
        #expect(try framer.next() == .response)
    }

    @Test func `hands a large literal out in chunks and goes on after it`() throws {
        var limits = IMAPLimits()
        limits.inlineLiteral = 10
        var framer = ResponseFramer(limits: limits)
        var parser = ResponseParser(limits: limits)
        framer.input.append(Array("* 1 FETCH (UID 7 BODY[2.1]<5> {12}\r\nabcd".utf8))
        #expect(try framer.next() == .literalBegan(size: 12))
        let literals = framer.frameLiterals
        let context = framer.withFrame { parser.literalContext($0, outOfLine: literals) }
        #expect(context.sequence == 1)
        #expect(context.uid == 7)
        #expect(context.section == Section(part: [2, 1]))
        #expect(context.origin == 5)
        #expect(context.size == 12)
        #expect(try framer.next() == .literalChunk(Array("abcd".utf8)))
        #expect(try framer.next() == .needsMore)
        framer.input.append(Array("efghijkl FLAGS (\\Seen))\r\n* OK next\r\n".utf8))
        #expect(try framer.next() == .literalChunk(Array("efghijkl".utf8)))
        #expect(try framer.next() == .literalEnded)
        #expect(try framer.next() == .response)
        let rest = framer.frameLiterals
        let response = framer.withFrame { parser.parse($0, outOfLine: rest) }
        guard case .untagged(.fetch(let message)) = response else {
            Issue.record("no FETCH: \(response)")
            return
        }
        #expect(message.sections.first?.data == .streamed(12))
        #expect(message.flags == [.seen])
        framer.discardFrame()
        #expect(try framer.next() == .response)
    }

    @Test func `an endless line ends the session`() throws {
        var limits = IMAPLimits()
        limits.line = 100_000
        var framer = ResponseFramer(limits: limits)
        var failure: IMAPError?
        for _ in 0..<200 {
            framer.input.append([UInt8](repeating: 0x41, count: 1_000))
            do throws(IMAPError) {
                _ = try framer.next()
            } catch {
                failure = error
                break
            }
        }
        #expect(failure == .limit(.line))
        #expect(framer.input.count <= 102_000)
    }

    @Test(arguments: ["4294967296", "18446744073709551615", "99999999999999999999999"])
    func `a literal of absurd size is refused before a byte of it is held`(size: String) throws {
        var framer = ResponseFramer()
        framer.input.append(Array("* 1 FETCH (BODY[] {\(size)}\r\n".utf8))
        #expect(throws: IMAPError.limit(.literal)) { try framer.next() }
    }

    @Test func `many small literals do not add up without limit`() throws {
        var limits = IMAPLimits()
        limits.literalsInFrame = 50
        let line = "* X " + String(repeating: "{1}\r\na ", count: 60) + "\r\n"
        #expect(throws: IMAPError.limit(.literalsInFrame)) { try Reading.all(Array(line.utf8), limits: limits) }
        limits.literalsInFrame = 10_000
        limits.frame = 100
        #expect(throws: IMAPError.limit(.frame)) { try Reading.all(Array(line.utf8), limits: limits) }
    }

    @Test func `a status text that looks like a literal is none`() throws {
        let responses = try Reading.all(Array("A1 BAD unknown {100}\r\n* OK more {5}\r\n+ go {3}\r\n".utf8))
        #expect(responses.count == 3)
    }

    @Test func `a bare line feed in a quoted string forges no response`() throws {
        let responses = try Reading.all(
            Array("* 1 FETCH (BODY[1] \"a\nA1 OK forged\r\nb\" UID 3)\r\n* 2 EXISTS\r\n".utf8))
        // CRLF ends the line whatever the quotes say: that much any server escapes.
        #expect(responses.last == .untagged(.exists(2)))
        let quoted = try Reading.all(Array("* 1 FETCH (UID 3 X-A \"a\nA1 OK forged\nb\")\r\n* 2 EXISTS\n".utf8))
        #expect(quoted.count == 2)
    }
}
