package import Foundation

/// Just enough IMAP to look at a server, or change something on it, without any of the code that is tested.
///
/// It blocks: use it on a thread.
package final class IMAPProbe: Sendable {
    /// A line with the literals that were in it, which `text` shows as `{}`.
    package struct Response: Sendable {
        package var text = ""
        package var literals: [[UInt8]] = []
    }

    private let stream: SocketStream

    package init(port: UInt16, user: MailUser) throws {
        stream = try SocketStream(port: port)
        guard try stream.readLine()?.hasPrefix("* OK") == true else { throw ServerFailure("No greeting of IMAP") }
        try command("LOGIN \(Self.quoted(user.email)) \(Self.quoted(user.password))")
    }

    /// Sends a command, with one literal at its end where one is given, and returns what is not its tagged answer.
    ///
    /// Anything but OK is a failure.
    @discardableResult
    package func command(_ line: String, literal: [UInt8]? = nil) throws -> [Response] {
        if let literal {
            try stream.send("p \(line) {\(literal.count)}\r\n")
            guard let answer = try stream.readLine(), answer.hasPrefix("+") else {
                throw ServerFailure("\(line) is not continued")
            }
            try stream.send(literal + [13, 10])
        } else {
            try stream.send("p \(line)\r\n")
        }
        var responses: [Response] = []
        while true {
            let response = try read()
            if response.text.hasPrefix("p OK") { return responses }
            if response.text.hasPrefix("p ") { throw ServerFailure("\(line) was answered by \(response.text)") }
            responses.append(response)
        }
    }

    private func read() throws -> Response {
        var response = Response()
        while true {
            guard let line = try stream.readLine() else { throw ServerFailure("The server closed the connection") }
            guard line.last == "}", let start = line.lastIndex(of: "{"),
                let count = Int(line[line.index(after: start)...].dropLast())
            else {
                response.text += line
                return response
            }
            response.text += line[..<start] + "{}"
            response.literals.append(try stream.read(exactly: count))
        }
    }

    package static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// RFC 3501's date-time, in UTC.
    package static func dateTime(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "dd-MMM-yyyy HH:mm:ss +0000"
        return formatter.string(from: date)
    }
}
