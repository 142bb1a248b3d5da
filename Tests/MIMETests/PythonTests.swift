import FoundationEssentials
import Glibc
import MIME
import Testing

/// What we write, read by somebody else: Python's email package.
@Suite struct PythonTests {
    static let script = #"""
        import sys, json, email, email.policy
        m = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
        def part(p):
            return {"type": p.get_content_type(), "name": p.get_filename(), "cid": p["content-id"],
                "content": p.get_content().replace("\r\n", "\n") if p.get_content_maintype() == "text" else p.get_payload(decode=True).hex(),
                "defects": [repr(d) for d in p.defects]}
        print(json.dumps({"subject": m["subject"], "from": str(m["from"].addresses[0].display_name),
            "to": [[a.display_name, a.addr_spec] for a in m["to"].addresses], "bcc": m["bcc"], "id": m["message-id"],
            "date": m["date"].datetime.timestamp(), "x": m["x-note"],
            "parts": [part(p) for p in m.walk() if not p.is_multipart()]}, ensure_ascii=True))
        """#

    private struct Read: Decodable {
        struct Part: Decodable {
            let type: String
            let name: String?
            let cid: String?
            let content: String
            let defects: [String]
        }
        let subject: String
        let from: String
        let to: [[String]]
        let bcc: String?
        let id: String
        let date: Double
        let x: String
        let parts: [Part]
    }

    @Test func `is understood by Python`() throws {
        var message = ComposeTests.message()
        message.from[0].name = "山田 太郎"
        message.to = [
            EmailAddress(name: "Müller, Jörg \"J\"", email: "joerg@bücher.example"),
            EmailAddress(email: "b@example.com"),
        ]
        message.bcc = [EmailAddress(email: "secret@example.com")]
        message.subject = "見積書の件について、長い件名はいくつもの行に分けて書かれます — and English, too"
        message.text = "Grüße,\nein sehr " + String(repeating: "langer ", count: 200) + "Satz. \nFrom here = there\n.\n"
        message.html = "<p>日本語</p><img src=\"cid:logo@x\">"
        let logo = OutgoingAttachment(
            name: "logo.png", type: "image/png", contentID: "logo@x", content: .bytes([1, 2, 3]))
        message.inlineAttachments = [logo]
        let file = OutgoingAttachment(
            name: "見積書（最終版・改訂第二版）.pdf", type: "application/pdf", content: .bytes(Array(0...255)))
        message.attachments = [file]
        message.headers = [OutgoingHeader(name: "X-Note", value: "naïve value")]

        let folder = FileManager.default.temporaryDirectory.path + "/mime-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(try ComposeTests.bytes(message)).write(to: URL(filePath: folder + "/message.eml"))
        try Data(Self.script.utf8).write(to: URL(filePath: folder + "/read.py"))
        #expect(system("python3 \(folder)/read.py \(folder)/message.eml > \(folder)/read.json") == 0)
        let output = try Data(contentsOf: URL(filePath: folder + "/read.json"))
        let read = try JSONDecoder().decode(Read.self, from: output)

        #expect(read.subject == message.subject)
        #expect(read.from == "山田 太郎")
        #expect(read.to == [["Müller, Jörg \"J\"", "joerg@xn--bcher-kva.example"], ["", "b@example.com"]])
        #expect(read.bcc == nil)
        #expect(read.id == "<id@example.com>")
        #expect(read.date == 1_795_461_165)
        #expect(read.x == "naïve value")
        #expect(read.parts.map(\.type) == ["text/plain", "text/html", "image/png", "application/pdf"])
        #expect(read.parts[0].content == message.text)
        #expect(read.parts[1].content == (message.html ?? "") + "\n")
        #expect(read.parts[2].cid == "<logo@x>")
        #expect(read.parts[3].name == "見積書（最終版・改訂第二版）.pdf")
        #expect(read.parts[3].content == (0...255).map { String($0 + 256, radix: 16).dropFirst() }.joined())
        #expect(read.parts.allSatisfy { $0.defects.isEmpty })
    }
}
