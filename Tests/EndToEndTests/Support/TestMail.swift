import Foundation
import MailServers

/// Messages that tests put into mailboxes.
enum TestMail {
    static func crlf(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

    static func plain(
        _ subject: String, from: String = "alice@outside.test", to: String = "me@example.test", body: String = "Hello."
    ) -> [UInt8] {
        crlf(
            """
            From: \(from)
            To: \(to)
            Subject: \(subject)
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <\(UUID().uuidString)@outside.test>

            \(body)

            """)
    }

    /// A subject in ISO-2022-JP, a body in Shift_JIS (with 表, whose second octet is a backslash), a picture whose name
    /// is RFC 2231 in UTF-8, and a file whose name is an encoded word, as Outlook writes it.
    static func japanese(picture: [UInt8], file: [UInt8]) -> [UInt8] {
        crlf(
            """
            From: =?ISO-2022-JP?B?GyRCRnxLXDhsJE43b0w+JEckORsoQg==?= <tanaka@outside.test>
            To: me@example.test
            Subject: =?ISO-2022-JP?B?GyRCRnxLXDhsJE43b0w+JEckORsoQg==?=
            Date: Tue, 14 Nov 2023 22:13:20 +0900
            Message-ID: <japanese@outside.test>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="=-outer"

            --=-outer
            Content-Type: text/plain; charset=Shift_JIS
            Content-Transfer-Encoding: base64

            grGC8YLJgr+CzYFBkKKKRYFCDQqVXI6m
            --=-outer
            Content-Type: image/png
            Content-Disposition: attachment; filename*=UTF-8''%E5%A0%B1%E5%91%8A%E6%9B%B8.png
            Content-Transfer-Encoding: base64

            \(base64(picture))
            --=-outer
            Content-Type: application/octet-stream; name="=?UTF-8?B?6KuL5rGC5pu4IDc=?="
            Content-Disposition: attachment; filename="=?UTF-8?B?6KuL5rGC5pu4IDc=?="
            Content-Transfer-Encoding: base64

            \(base64(file))
            --=-outer--

            """)
    }

    /// A message with one large attachment.
    static func large(_ content: Data) -> [UInt8] {
        let head = """
            From: alice@outside.test
            To: me@example.test
            Subject: Large
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <\(UUID().uuidString)@outside.test>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="=-b"

            --=-b
            Content-Type: text/plain

            See the file.
            --=-b
            Content-Type: application/octet-stream
            Content-Disposition: attachment; filename=large.bin
            Content-Transfer-Encoding: base64


            """
        let lines = content.base64EncodedData(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return crlf(head) + [UInt8](lines) + crlf("\n--=-b--\n")
    }

    static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
    }

    /// Octets without a pattern, read from the kernel because that is quick in a debug build too.
    static func randomOctets(_ count: Int) throws -> Data {
        guard let file = FileHandle(forReadingAtPath: "/dev/urandom"), let data = try file.read(upToCount: count),
            data.count == count
        else { throw ServerFailure("/dev/urandom gave too little") }
        return data
    }
}
