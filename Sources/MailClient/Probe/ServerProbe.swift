package import Model
package import Transport
import Wire

/// Finds out, without logging in, whether a mail server is there and speaks TLS with a certificate for its name.
package enum ServerProbe {
    /// Nil where all that is so: a greeting of the protocol came, and TLS stood, from the first octet or after the server agreed to
    /// begin it.
    package static func run(
        _ mailProtocol: MailProtocol, _ endpoint: ServerEndpoint, dialer: MailDialer, on loop: EventLoop,
        deadline: Deadline
    ) async -> MailClientError? {
        await Task(name: "probe", executorPreference: loop) {
            do throws(MailClientError) {
                let stream = try await dialer.connect(endpoint, mailProtocol, on: loop, deadline: deadline)
                defer { stream.close() }
                let talk = Talk(stream: stream, mailProtocol: mailProtocol, deadline: deadline)
                try await talk.expect(mailProtocol.greetings)
                guard endpoint.security == .starttls else { return nil }
                if mailProtocol == .smtp {
                    try await talk.say("EHLO [127.0.0.1]")
                    try await talk.expect(["250"])
                }
                try await talk.say(mailProtocol.startTLS)
                do throws(MailClientError) {
                    try await talk.expect(mailProtocol.goAheads)
                } catch {
                    guard case .protocolViolation = error else { throw error }
                    throw .startTLSUnavailable(mailProtocol)
                }
                guard stream.input.isEmpty else { throw .startTLSInjection(mailProtocol) }
                try await dialer.startTLS(on: stream, endpoint, mailProtocol, deadline: deadline)
                return nil
            } catch {
                return error
            }
        }.value
    }

    /// Lines to a server and from it.
    private struct Talk {
        let stream: ByteStream
        let mailProtocol: MailProtocol
        let deadline: Deadline

        nonisolated(nonsending) func say(_ line: String) async throws(MailClientError) {
            do throws(TransportError) {
                try await stream.write(Array((line + "\r\n").utf8), deadline: deadline)
            } catch {
                throw MailClientError(error, mailProtocol, phase: "probe")
            }
        }

        /// Reads lines to the last of a reply, which must begin with one of these.
        nonisolated(nonsending) func expect(_ beginnings: [String]) async throws(MailClientError) {
            for _ in 0..<Limits.probedLines {
                let line = try await line()
                guard beginnings.contains(where: { line.uppercased().hasPrefix($0) }) else {
                    // Untagged answers may come before the one that is waited for.
                    if mailProtocol == .imap, line.hasPrefix("* ") { continue }
                    throw .protocolViolation(mailProtocol, detail: "no greeting or answer of the protocol")
                }
                // `250-` goes on.
                if mailProtocol == .smtp, Array(line.utf8.prefix(4)).last == UInt8(ascii: "-") { continue }
                return
            }
            throw .limitExceeded(mailProtocol, limit: "probedLines")
        }

        private nonisolated(nonsending) func line() async throws(MailClientError) -> String {
            while true {
                if let end = stream.input.firstIndex(of: 0x0A) {
                    return String(decoding: stream.input.take(end + 1), as: UTF8.self)
                }
                guard stream.input.count < Limits.probedOctets else {
                    throw .limitExceeded(mailProtocol, limit: "probedOctets")
                }
                let count: Int
                do throws(TransportError) {
                    count = try await stream.fill(deadline: deadline)
                } catch {
                    throw MailClientError(error, mailProtocol, phase: "probe")
                }
                guard count > 0 else { throw .disconnected(mailProtocol, text: nil) }
            }
        }
    }
}

extension MailProtocol {
    fileprivate var greetings: [String] {
        switch self {
        case .imap: ["* OK", "* PREAUTH"]
        case .pop3: ["+OK"]
        case .smtp: ["220"]
        }
    }

    fileprivate var startTLS: String {
        switch self {
        case .imap: "a STARTTLS"
        case .pop3: "STLS"
        case .smtp: "STARTTLS"
        }
    }

    fileprivate var goAheads: [String] {
        switch self {
        case .imap: ["A OK"]
        case .pop3: ["+OK"]
        case .smtp: ["220"]
        }
    }
}
