import HTTP
import Testing
import Wire

struct ServerConnectionTests {
    /// Feeds `text` and asks for the next request.
    private func request(_ machine: inout ServerConnection, _ input: inout InputBuffer) throws -> HTTPRequest {
        guard case .request(let request) = machine.next(&input) else { throw HTTPRefusal.notFound }
        return request
    }

    private func head(
        _ machine: inout ServerConnection, _ status: HTTPStatus, length: Int?
    ) -> (text: String, hasContent: Bool) {
        var output: [UInt8] = []
        let hasContent = machine.beginResponse(status, [:], length: length, date: [], to: &output)
        return (String(decoding: output, as: UTF8.self), hasContent)
    }

    @Test func `answers pipelined requests in order and keeps the connection`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(
            Array(
                ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").utf8))
        let first = try request(&machine, &input)
        #expect(first.target.path == "/1")
        #expect(head(&machine, .ok, length: 2).text == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        let afterFirst = machine.endResponse()
        #expect(afterFirst == .nextRequest)
        let second = try request(&machine, &input)
        #expect(second.target.path == "/2")
        let body = try machine.nextBody(&input)
        #expect(body == .bytes(Array("abc".utf8)))
        let end = try machine.nextBody(&input)
        #expect(end == .end)
        _ = head(&machine, .ok, length: 0)
        let afterSecond = machine.endResponse()
        #expect(afterSecond == .nextRequest)
        _ = try request(&machine, &input)
        #expect(head(&machine, .ok, length: 0).text.contains("Connection: close\r\n"))
        let afterThird = machine.endResponse()
        #expect(afterThird == .close(linger: false))
    }

    @Test func `asks for the body only when somebody wants it`() throws {
        let text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        var machine = ServerConnection()
        var input = InputBuffer(Array(text.utf8))
        _ = try request(&machine, &input)
        let ask = try machine.nextBody(&input)
        #expect(ask == .sendContinue)
        let wait = try machine.nextBody(&input)
        #expect(wait == .needsInput)
        input.append(Array("abc".utf8))
        let bytes = try machine.nextBody(&input)
        #expect(bytes == .bytes(Array("abc".utf8)))

        var unasked = ServerConnection()
        input = InputBuffer(Array(text.utf8))
        _ = try request(&unasked, &input)
        #expect(head(&unasked, 401, length: 0).text.contains("Connection: close"))
        let after = unasked.endResponse()
        #expect(after == .close(linger: true))

        var eager = ServerConnection()
        input = InputBuffer(Array((text + "abc").utf8))
        _ = try request(&eager, &input)
        let straight = try eager.nextBody(&input)
        #expect(straight == .bytes(Array("abc".utf8)))
    }

    @Test func `writes no content where there must be none`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(Array("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        let answer = head(&machine, .ok, length: 7)
        #expect(!answer.hasContent && answer.text.contains("Content-Length: 7\r\n"))
        let after = machine.endResponse()
        #expect(after == .nextRequest)
        for status: HTTPStatus in [204, 304] {
            input.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            _ = try request(&machine, &input)
            let empty = head(&machine, status, length: 7)
            #expect(!empty.hasContent && !empty.text.contains("Content-Length"))
            let next = machine.endResponse()
            #expect(next == .nextRequest)
        }
    }

    @Test func `frames streamed content and notices a wrong length`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        #expect(head(&machine, .ok, length: nil).text.contains("Transfer-Encoding: chunked"))
        let first = machine.frame(10)
        let second = machine.frame(5)
        let last = machine.endContent()
        #expect(first == Array("a\r\n".utf8) && second == Array("\r\n5\r\n".utf8))
        #expect(last == Array("\r\n0\r\n\r\n".utf8))
        _ = machine.endResponse()

        input.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        _ = head(&machine, .ok, length: 10)
        let fits = machine.frame(6)
        let tooMuch = machine.frame(5)
        let tooShort = machine.endContent()
        #expect(fits == [] && tooMuch == nil && tooShort == nil)
    }

    @Test func `speaks to HTTP 1.0 in its own way`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        #expect(head(&machine, .ok, length: 1).text.contains("Connection: keep-alive\r\n"))
        _ = machine.endResponse()
        input.append(Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        let streamed = head(&machine, .ok, length: nil).text
        #expect(!streamed.contains("chunked") && streamed.contains("Connection: close"))
        let prefix = machine.frame(5)
        #expect(prefix == [])
        let after = machine.endResponse()
        #expect(after == .close(linger: false))
    }

    @Test func `drains a short body that nobody read, and cuts off a long one`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab".utf8))
        _ = try request(&machine, &input)
        #expect(!head(&machine, 404, length: 0).text.contains("close"))
        let after = machine.endResponse()
        #expect(after == .drain)
        let waits = machine.drain(&input)
        #expect(waits == nil)
        input.append(Array("cdeGET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        let done = machine.drain(&input)
        #expect(done == .nextRequest)
        let next = try request(&machine, &input)
        #expect(next.target.path == "/next")
        _ = head(&machine, .ok, length: 0)
        _ = machine.endResponse()

        input.append(Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n".utf8))
        _ = try request(&machine, &input)
        #expect(head(&machine, 413, length: 0).text.contains("Connection: close"))
        let cut = machine.endResponse()
        #expect(cut == .close(linger: true))

        var chunked = ServerConnection()
        input = InputBuffer(Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        _ = try request(&chunked, &input)
        _ = head(&chunked, 404, length: 0)
        _ = chunked.endResponse()
        for _ in 0..<100 { input.append(Array("400\r\n".utf8) + [UInt8](repeating: 65, count: 1024) + [13, 10]) }
        let tooLong = chunked.drain(&input)
        #expect(tooLong == .close(linger: true))
    }

    @Test func `closes behind a refusal, a broken body and a stop`() throws {
        var machine = ServerConnection()
        var input = InputBuffer(Array("nonsense\r\n".utf8))
        guard case .refusal(let refusal) = machine.next(&input) else { throw HTTPRefusal.notFound }
        #expect(refusal.status == 400)
        #expect(head(&machine, refusal.status, length: 0).text.contains("Connection: close"))
        let after = machine.endResponse()
        #expect(after == .close(linger: true))

        var broken = ServerConnection()
        input = InputBuffer(Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz".utf8))
        _ = try request(&broken, &input)
        #expect(throws: HTTPRefusal.self) { try broken.nextBody(&input) }
        #expect(head(&broken, 400, length: 0).text.contains("Connection: close"))

        var stopping = ServerConnection()
        input = InputBuffer(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try request(&stopping, &input)
        stopping.isStopping = true
        #expect(head(&stopping, .ok, length: 0).text.contains("Connection: close"))
        let stop = stopping.endResponse()
        #expect(stop == .close(linger: false))
    }
}
