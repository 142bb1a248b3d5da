import MIME
import Testing

@Suite struct HeaderEditorTests {
    static let message = "From: a@b\r\nBCC : x@y,\r\n z@y\r\nTo: c@d\r\nbcc: q@y\r\n\r\nBcc: not a header\r\n"

    @Test func `removes a field and nothing else`() {
        var editor = HeaderEditor(Array(Self.message.utf8))
        #expect(editor.contains("Bcc"))
        editor.remove("Bcc")
        #expect(String(decoding: editor.message, as: UTF8.self) == "From: a@b\r\nTo: c@d\r\n\r\nBcc: not a header\r\n")
        #expect(!editor.contains("Bcc"))
    }

    @Test func `adds a field in the message's own line end`() throws {
        var editor = HeaderEditor(Array("From: a@b\n\nx".utf8))
        try editor.prepend("Subject", "grün")
        #expect(String(decoding: editor.message, as: UTF8.self) == "Subject: =?UTF-8?B?Z3LDvG4=?=\nFrom: a@b\n\nx")
        try editor.replace("subject", "plain")
        #expect(String(decoding: editor.message, as: UTF8.self) == "subject: plain\nFrom: a@b\n\nx")
    }

    @Test func `refuses to inject`() {
        var editor = HeaderEditor(Array(Self.message.utf8))
        #expect(throws: ComposeError.controlCharacter(member: "headers/X")) { try editor.prepend("X", "a\r\nY: b") }
        #expect(throws: ComposeError.invalidHeaderName(member: "headers/X:")) { try editor.prepend("X:", "a") }
    }
}
